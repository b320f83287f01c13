/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words themselves, in English; the other languages are in po/. Sentences an officer can act
 * on, without file formats, jargon or blame. */
#include "daemon/publish/notes_text.h"

#include "base/words.h"
#include "daemon/ledger/states.h"

#include <stddef.h>

/* clang-format off */
const struct gh_case_text gh_case_texts[GH_CASES] = {
    [GH_CASE_ARRIVING] = {
        GH_WC("note: state", "arriving"),
        GH_W("Not all files are here yet. Work starts by itself when copying has ended."),
        ""},
    [GH_CASE_RECEIVED] = {
        GH_WC("note: state", "received"),
        GH_W("The file is safe and waits for its turn."),
        GH_W("Nothing to do for you.")},
    [GH_CASE_RENDERING] = {
        GH_WC("note: state", "being made"),
        GH_W("The pictures and videos for each platform are being made."),
        GH_W("Nothing to do for you.")},
    [GH_CASE_RETRYING] = {
        GH_WC("note: state", "will be tried again"),
        GH_W("The work was cut off once and will be tried again by itself."),
        GH_W("Nothing to do for you.")},
    [GH_CASE_INCOMPLETE] = {
        GH_WC("note: state", "seems incomplete"),
        GH_W("The file cannot be read to its end. Perhaps copying it stopped half-way; its rest is "
             "waited for, for a short while."),
        GH_W("If nothing is being copied any more, please copy the file again under the same "
             "name.")},
    [GH_CASE_STAGED] = {
        GH_WC("note: state", "waiting for approval"),
        GH_W("Everything is made. Nothing leaves before the authority approves it."),
        GH_W("If the caption must change, drop the new one now.")},
    [GH_CASE_HELD] = {
        GH_WC("note: state", "on hold"),
        GH_W("The authority has put the decision off."),
        GH_W("If you have a question, speak to the authority.")},
    [GH_CASE_APPROVED] = {
        GH_WC("note: state", "approved"),
        GH_W("The authority approved it. The files are being put out for the agency."),
        GH_W("Nothing to do for you.")},
    [GH_CASE_PUBLISHED] = {
        GH_WC("note: state", "approved and ready for the agency"),
        GH_W("The approved files wait for the agency to collect them."),
        GH_W("Nothing to do for you.")},
    [GH_CASE_COLLECTED] = {
        GH_WC("note: state", "collected by the agency"),
        GH_W("The agency has collected the approved files. This is done."),
        GH_W("Nothing to do for you.")},
    [GH_CASE_REJECTED] = {
        GH_WC("note: state", "rejected"),
        GH_W("The authority did not approve it."),
        GH_W("Please read the reason, correct it, and send it again.")},
    [GH_CASE_WITHDRAWN] = {
        GH_WC("note: state", "withdrawn"),
        GH_W("The authority took it back after approving it."),
        GH_W("Please read the reason; send it again, corrected, if it is needed.")},
    [GH_CASE_MIXED] = {
        GH_WC("note: state", "decided"),
        GH_W("It was decided differently for different places; see below."),
        ""},
    [GH_CASE_QUARANTINED] = {
        GH_WC("note: state", "could not be used"),
        GH_W("Nothing could be made from this file."),
        GH_W("Please read the reason below and send the file again.")},
    [GH_CASE_RECALLED] = {
        GH_WC("note: state", "recalled by your department"),
        GH_W("It was cancelled because your department asked for it."),
        GH_W("Send it again if it is needed after all.")},
    [GH_CASE_DUPLICATE] = {
        GH_WC("note: state", "already received"),
        GH_W("Your department sent exactly this file before; it is not made a second time."),
        GH_W("Nothing to do for you. A new caption belongs to the earlier one.")},
    [GH_CASE_ANSWERED] = {
        GH_WC("note: state", "taken for the question"),
        GH_W("What you wrote is with the question, and those who asked can read it."),
        GH_W("If there is more to say, save it under the same name again.")},
    [GH_CASE_EVENTS] = {
        GH_WC("note: state", "announced"),
        GH_W("The agency and the authority see what is announced. Please check what was "
             "understood."),
        GH_W("If something is wrong, send it again, corrected, with the number of the event.")},
};

const struct gh_event_text gh_event_texts[] = {
    {"announce", GH_WC("note: event", "announced")},
    {"change", GH_WC("note: event", "changed")},
    {"cancel", GH_WC("note: event", "cancelled")},
    {"same", GH_WC("note: event", "known already, nothing is changed")},
    {"older", GH_WC("note: event", "older than what is known, nothing is changed")},
    {"refuse", GH_WC("note: event", "not taken")},
    {NULL, NULL},
};

const char *const gh_label_texts[GH_LABELS] = {
    [GH_LABEL_TITLE] = GH_WC("note", "Ghat"),
    [GH_LABEL_STATE] = GH_WC("note", "State"),
    [GH_LABEL_NUMBER] = GH_WC("note", "Number"),
    [GH_LABEL_DROPPED] = GH_WC("note", "Dropped"),
    [GH_LABEL_STAGED] = GH_WC("note", "Made"),
    [GH_LABEL_APPROVED] = GH_WC("note", "Approved"),
    [GH_LABEL_COLLECTED] = GH_WC("note", "Collected by the agency"),
    [GH_LABEL_REASON] = GH_WC("note", "Reason"),
    [GH_LABEL_AUTHORITY_SAYS] = GH_WC("note", "The authority's reason"),
    [GH_LABEL_DETAIL] = GH_WC("note", "Technical detail"),
    [GH_LABEL_CAPTION] = GH_WC("note", "Caption"),
    [GH_LABEL_NO_CAPTION] = GH_WC("note", "There is no caption. You may send one as a .txt file of "
                                          "the same name."),
    [GH_LABEL_PLACES] = GH_WC("note", "Place by place"),
    [GH_LABEL_NOT_MADE] = GH_WC("note", "Not possible for"),
    [GH_LABEL_BAD_FILES] = GH_WC("note", "These files could not be used; please send them again"),
    [GH_LABEL_DUPLICATE_OF] = GH_WC("note", "Number of the earlier one"),
    [GH_LABEL_QUESTION] = GH_WC("note", "Number of the question"),
    [GH_LABEL_LEFT] = GH_WC("note", "Still takes"),
    [GH_LABEL_ABOUT] = GH_WC("note", "about %1$s, until about %2$s"),
    [GH_LABEL_FIRST_ONLY] = GH_WC("note", "Pictures in the file: %s; only the first was taken. "
                                          "Please send the others as files of their own."),
    [GH_LABEL_KEPT] = GH_WC("note", "Your original is deleted after"),
    [GH_LABEL_EVENTS] = GH_WC("note", "What was understood"),
    [GH_LABEL_PLACE] = GH_WC("note", "Place"),
    [GH_LABEL_WARD] = GH_WC("note", "Ward"),
    [GH_LABEL_EXPECTED] = GH_WC("note", "Expected"),
    [GH_LABEL_FOLDER] = GH_WC("note", "Folder for its photos and videos"),
    [GH_LABEL_ALL_DAY] = GH_WC("note", "all day"),
    [GH_LABEL_EVENT_NUMBER] = GH_WC("note", "Number of the event"),
    [GH_LABEL_EARLIER] = GH_WC("note", "Sent earlier under the same name"),
};

const struct gh_reason_text gh_reasons[] = {
    /* Intake's own reasons come first: the pieces further down are short and occur in them, too. */
    {"it could not be recorded",
     GH_W("Ghat could not record it. It still lies in this folder; please tell the "
          "administrator."), false},
    {"save the caption as .txt",
     GH_W("The caption cannot be read from the document. Please save it as .txt and send "
          "that."), false},
    {"save it as .docx",
     GH_W("A text in this form cannot be read. Please save the caption as .docx or .txt and send "
          "that."), false},
    {"second name (hard link)",
     GH_W("This is a second name (hard link) of another file. Please copy the file itself "
          "here."), false},
    {"not an ordinary file",
     GH_W("This is not an ordinary file. Please send a photo, a video, or a folder of "
          "them."), false},
    {"most of it is empty",
     GH_W("Most of this file is empty: it was not copied to its end. Please copy it "
          "again."), false},
    {"nested too deep",
     GH_W("There are too many folders within folders. Please move the files further up."), false},
    {"it cannot be taken away",
     GH_W("Ghat may not move files out of this folder. Please ask the administrator to set the "
          "folder's permissions right."), false},
    {"permissions do not allow",
     GH_W("Reading it is not permitted. Please copy it again, or tell the administrator."), false},
    {"it holds more than",
     GH_W("There are too many files in the folder. Please send them as several folders."), false},
    {"nothing of that name was sent",
     GH_W("Nothing of that name was sent. Please check the name."), false},
    {"was asked no question with the number",
     GH_W("Your department was asked no question with this number. Please check the number in the "
          "Status folder."), true},
    {"is closed: it takes no",
     GH_W("The question is over. If it matters, please call those who asked."), true},
    {"is withdrawn: it takes no",
     GH_W("The question was taken back; it needs no answer any more."), true},
    {"is answered: it takes no",
     GH_W("The question was answered already; it needs no more time."), true},
    {"it needs a text",
     GH_W("There is nothing written in it. Please write it and save it again."), true},
    {"was given more time already",
     GH_W("This question was given more time already; that is possible once only."), true},
    {"is overdue: more time",
     GH_W("The answer is overdue, and more time is asked for before that. Please answer now."),
     true},
    {"the event has no title",
     GH_W("The event has no title. Please write what it is."), true},
    {"the event has no date",
     GH_W("The event has no date. Please write it as day/month/year, like 04/12/2026."), true},
    {"the event has no time that",
     GH_W("The calendar file has no time for the event that can be read. Please give it a "
          "beginning "
          "and an end."), true},
    {"the event has no time",
     GH_W("The event has no time. Please write it like 11:00 or 11:00-13:00, or: all day."), true},
    {"the date cannot be read",
     GH_W("The date cannot be read. Please write it as day/month/year, like 04/12/2026."), true},
    {"the time cannot be read",
     GH_W("The time cannot be read. Please write it like 11:00 or 17:30, or 11 am to 2 pm."), true},
    {"of the morning or of the evening",
     GH_W("The time may be of the morning or of the evening. Please write it like 17:00, or 5 pm."),
     true},
    {"the event is over already",
     GH_W("The event would be over already. Please check the date."), true},
    {"is more than two years away",
     GH_W("The event would be more than two years away. Please check the date."), true},
    {"an event lasts a month at most",
     GH_W("The event would last more than a month. Please check the dates."), true},
    {"ends before it begins",
     GH_W("The event would end before it begins. Please check the times."), true},
    {"the event repeats",
     GH_W("The event repeats. Please send each date as an event of its own."), true},
    {"the time zone of the event",
     GH_W("The time zone of the event is not known. Please save it in the time of the city."),
     true},
    {"the event has no UID",
     GH_W("The calendar file is not complete. Please save the event from the calendar again."),
     true},
    {"there is no event in the calendar",
     GH_W("There is no event in the calendar file."), true},
    {"the calendar file has more than",
     GH_W("There are more than 100 events in the calendar file. Please send fewer at a time."),
     true},
    {"too much text in the calendar",
     GH_W("There is too much text in the calendar file. Please send fewer events at a time."),
     true},
    {"the calendar file",
     GH_W("The calendar file cannot be read. Please save the event from the calendar again, or "
          "write it as a text."), true},
    {"no event of this number",
     GH_W("Your department has no event of this number. Please check the number."), true},
    {"the number of the event cannot",
     GH_W("The number of the event cannot be read. Please check the number."), true},
    {"cancels an event that was not",
     GH_W("It cancels an event that was not announced. Please write its number."), true},
    {"is covered: it takes no",
     GH_W("Photos or videos of the event came already; it is not changed any more."), true},
    {"events already",
     GH_W("Your department has announced very many events already. Please cancel those that do not "
          "take place."), true},
    {"of an event is at most",
     GH_W("A text of the event is too long. Please make it shorter."), true},
    {"a text without a photo or video",
     GH_W("There was no photo or video for this text. Please send both together, with the same "
          "name."), false},
    {"is approved already",
     GH_W("It is being decided, or approved already, and could not be recalled. Please ask the "
          "authority to withdraw it."), false},
    /* What kind of file it is explains more than what a decoder then met. Of several reasons the
     * one whose row comes first is told, so what explains more stands further up. */
    {"protected against copying",
     GH_W("This video is protected against copying. Please export it without protection and send "
          "that."), true},
    {"camera's raw file",
     GH_W("This is a camera's raw file. Please make a JPEG of it (in the camera or on the "
          "computer) and send that."), true},
    {"nothing is made of a",
     GH_W("Nothing is published of this kind of file for your department. Please ask the "
          "administrator."),
     true},
    {"a pdf document", GH_W("This is a PDF. Please export the page as JPEG and send that."), true},
    {"a postscript file",
     GH_W("This is a document, not a photo. Please export the page as JPEG and send that."), true},
    {"office document",
     GH_W("This is an Office document or a ZIP file. Please send the photos or videos "
          "themselves."), true},
    {"a rar archive",
     GH_W("This is a RAR archive. Please send the photos or videos themselves."), true},
    {"a photoshop file",
     GH_W("This is a Photoshop file. Please export it as JPEG and send that."), true},
    {"a gimp file", GH_W("This is a GIMP file. Please export it as JPEG and send that."), true},
    {"a bmp picture",
     GH_W("This is a BMP picture. Please open it in Paint, save it as JPEG, and send that."), true},
    {"an icon", GH_W("This is an icon, not a photo. Please send the photo itself."), true},
    {"a jpeg xl picture",
     GH_W("This is a JPEG XL picture. Please save it as an ordinary JPEG and send that."), true},
    {"a jpeg 2000 picture",
     GH_W("This is a JPEG 2000 picture. Please save it as an ordinary JPEG and send that."), true},
    {"a list of files",
     GH_W("This is only a list, not the video itself. Please send the video file."), true},
    {"a session description",
     GH_W("This is only a list, not the video itself. Please send the video file."), true},
    {" playlist",
     GH_W("This is only a list, not the video itself. Please send the video file."), true},
    {"svg", GH_W("This is an SVG drawing. Please export it as JPEG and send that."), true},
    {"a sound file", GH_W("This is only sound. Please send a photo or a video."), true},
    {"a program", GH_W("This is a program. Please send a photo or a video."), true},
    {"is not taken as a video",
     GH_W("This kind of video is not taken. Please export it as MP4 and send that."), true},
    {"not a video file but",
     GH_W("This kind of video is not taken. Please export it as MP4 and send that."), true},
    {"the picture is coded as",
     GH_W("This kind of video is not taken. Please export it as MP4 (H.264) and send that."), true},
    {"jpeg data precision",
     GH_W("This is a special kind of JPEG (12-bit or lossless). Please save it again as an "
          "ordinary (8-bit) JPEG."), true},
    {"jpeg process",
     GH_W("This is a special kind of JPEG (12-bit or lossless). Please save it again as an "
          "ordinary (8-bit) JPEG."), true},
    /* What was met in it. */
    {"no picture of the video can be decoded",
     GH_W("No picture of the video can be read. Please play it yourself and send it "
          "again."), false},
    {"most pictures of the video",
     GH_W("Most of the video's pictures are broken. Please send the original again."), false},
    {"longer than the planned",
     GH_W("What was made of the video has not the right length. Please tell the "
          "administrator."), false},
    {"it lasts",
     GH_W("What was made of the video has not the right length. Please tell the "
          "administrator."), false},
    {" s, planned ",
     GH_W("The video is cut off: copying it ended half-way. Please send it again."), false},
    {"empty", GH_W("The file is empty. Please copy it again, completely."), false},
    {"nothing in it can be used",
     GH_W("There is no photo or video in it. Please send a photo or a video."), false},
    {"nothing usable",
     GH_W("There is no photo or video in it. Please send a photo or a video."), false},
    {"the text is",
     GH_W("The caption cannot be read. Please save it again as UTF-8 (Notepad: Save as) and send "
          "it."), false},
    {"this is no text",
     GH_W("The caption cannot be read. Please save it again as UTF-8 (Notepad: Save as) and send "
          "it."), false},
    {"refers to another file",
     GH_W("This is not the video itself. Please send the video file."), true},
    {"dolby vision",
     GH_W("This kind of HDR video cannot be used. Please send it as normal (SDR) or HDR10 "
          "video."), true},
    {"premature end",
     GH_W("The file is cut off: copying it ended half-way. Please send it again."), false},
    {"truncated",
     GH_W("The file is cut off: copying it ended half-way. Please send it again."), false},
    {"cut off",
     GH_W("The file is cut off: copying it ended half-way. Please send it again."), false},
    {"incomplete",
     GH_W("The file is cut off: copying it ended half-way. Please send it again."), false},
    {"it is a link", GH_W("This is a shortcut, not a file. Please send the file itself."), false},
    {"symbolic link", GH_W("This is a shortcut, not a file. Please send the file itself."), false},
    {"not a regular file",
     GH_W("This is not an ordinary file. Please send a photo or a video."), false},
    {"not a photo or video",
     GH_W("This is not recognised as a photo or a video. Please send it as JPEG or MP4."), false},
    {"unknown",
     GH_W("This is not recognised as a photo or a video. Please send it as JPEG or MP4."), false},
    {"unsupported",
     GH_W("This kind of file is not accepted. Please send it as JPEG or MP4."), false},
    {"not supported",
     GH_W("This kind of file is not accepted. Please send it as JPEG or MP4."), false},
    {"damaged", GH_W("The file is damaged. Please send the original again."), false},
    {"broke the decoder",
     GH_W("The file is damaged and cannot be read. Please send the original again."), false},
    {"corrupt", GH_W("The file is damaged. Please send the original again."), false},
    {"invalid", GH_W("The file is damaged. Please send the original again."), false},
    {"interrupted twenty",
     GH_W("It could not be read in many tries. Please tell the administrator."), false},
    /* Nothing else is wrong where these are told: lengths and sizes. */
    {"no picture",
     GH_W("There is no picture in it. Please look at the file and send it again."), false},
    {"shorter than", GH_W("The video is too short for it."), false},
    {"too short", GH_W("The video is too short for it."), false},
    {"longer than", GH_W("The video is too long for it."), false},
    {"too long", GH_W("The video is too long for it."), false},
    {"too little to look at",
     GH_W("The video is too long for the file size allowed there."), false},
    {"breaks a limit",
     GH_W("What was made does not keep the rules there. Please tell the administrator."), false},
    {"not like its source",
     GH_W("What was made does not look or sound like the original. Please tell the "
          "administrator."), false},
    {"cannot be brought within", GH_W("It cannot be made to fit the rules there."), false},
    {"too small", GH_W("The picture is too small for it. Please send a larger one."), false},
    {"too many pixels", GH_W("The picture has too many pixels. Please send a smaller one."), false},
    {"takes more than",
     GH_W("It takes too long to make anything of it. Please send a shorter or simpler "
          "file."), false},
    {"megapixels", GH_W("The picture has too many pixels. Please send a smaller one."), false},
    {"larger than", GH_W("The file is too large. Please send a smaller one."), false},
    {"are taken", GH_W("The file is too large. Please send a smaller one."), false},
    {"the worker",
     GH_W("The file could not be read. Please send the original again, or tell the "
          "administrator."), false},
    {"too large", GH_W("The file is too large. Please send a smaller one."), false},
    {"the limit",
     GH_W("The file is beyond what is taken. Please send a smaller or simpler one."), false},
    /* Rarer ones; what is ours to mend is for the administrator. */
    {"the output breaks a limit",
     GH_W("What was made of it did not keep a rule of that place. Please tell the "
          "administrator."), false},
    {"the output is not like its source",
     GH_W("What was made of it did not keep a rule of that place. Please tell the "
          "administrator."), false},
    {"an output shows ",
     GH_W("What was made of it did not keep a rule of that place. Please tell the administrator."),
     false},
    {"an output is a ",
     GH_W("What was made of it did not keep a rule of that place. Please tell the "
          "administrator."), false},
    {"an output has ",
     GH_W("What was made of it did not keep a rule of that place. Please tell the "
          "administrator."), false},
    {"the output cannot be read again",
     GH_W("What was made of it did not keep a rule of that place. Please tell the "
          "administrator."), false},
    {"no output was",
     GH_W("What was made of it did not keep a rule of that place. Please tell the "
          "administrator."), false},
    {"an output would be larger",
     GH_W("What would be made of it is too large. Please send a shorter or smaller file."), false},
    {"too many outputs for one job",
     GH_W("It is too much to make at once. Please tell the administrator."), false},
    {"it needs more than",
     GH_W("It takes too much memory to open. Please send a smaller one."), false},
    {"needs more memory",
     GH_W("The picture takes too much memory to open. Please send a smaller one."), false},
    {"progressive jpeg with more than",
     GH_W("The picture is made in an unusual way. Please save it again as an ordinary "
          "JPEG."), false},
    {" are allowed",
     GH_W("It cannot be brought within the file size allowed there. Please send a simpler "
          "picture."), false},
    {" bytes are more than ",
     GH_W("It cannot be brought within the file size allowed there. Please send a shorter "
          "video."), false},
    {"the video has more than", GH_W("The video is too long. Please send a shorter one."), false},
    {"would make ",
     GH_W("The video is too long to be sent there in parts. Please send a shorter one."), false},
    {"and this is a ", GH_W("That place does not take this kind of file."), false},
    {"cannot be decoded",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"cannot be converted",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"cannot be scaled",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"impossible picture",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"does not decode cleanly",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"not what its header says",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"where its packets promise",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"the interlaced picture",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"cannot be made progressive",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"nothing left to encode",
     GH_W("What was made of it did not keep a rule of that place. Please tell the "
          "administrator."), false},
    {"cannot be written as mp4",
     GH_W("What was made of it did not keep a rule of that place. Please tell the "
          "administrator."), false},
    {"cannot be passed through",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"the sound starts late",
     GH_W("The video cannot be read. Please send the original again, or export it as MP4 and send "
          "that."), false},
    {"there is no sound", GH_W("There is no sound in the video."), false},
    {"neither a photo nor",
     GH_W("This is not recognised as a photo or a video. Please send it as JPEG or MP4."), false},
    {"it cannot be read",
     GH_W("The file could not be read. Please send the original again, or tell the "
          "administrator."), false},
    {"it is a ", GH_W("The file changed while it was read. Please copy it again."), false},
    {NULL, NULL, false},
};

const char *const gh_ren_texts[] = {
    [GH_REN_DUE] = GH_WC("note: state at a place", "to be made"),
    [GH_REN_RUNNING] = GH_WC("note: state at a place", "being made"),
    [GH_REN_STAGED] = GH_WC("note: state at a place", "waiting for approval"),
    [GH_REN_HELD] = GH_WC("note: state at a place", "on hold"),
    /* as long as it can be undone */
    [GH_REN_APPROVED] = GH_WC("note: state at a place", "waiting for approval"),
    [GH_REN_PUBLISHING] = GH_WC("note: state at a place", "approved"),
    [GH_REN_PUBLISHED] = GH_WC("note: state at a place", "approved, ready for the agency"),
    [GH_REN_COLLECTED] = GH_WC("note: state at a place", "collected by the agency"),
    [GH_REN_REJECTED] = GH_WC("note: state at a place", "rejected"),
    [GH_REN_WITHDRAWN] = GH_WC("note: state at a place", "withdrawn"),
    [GH_REN_SKIPPED] = GH_WC("note: state at a place", "not possible"),
    [GH_REN_FAILED] = GH_WC("note: state at a place", "could not be made"),
};
/* clang-format on */
