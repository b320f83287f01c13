/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a file is (gh_probe) and what shall be made of it (gh_pic, gh_recipe): structures without
 * pointers, so that they cross the process boundary as they are and compare with memcmp.
 * Zero-initialise; strings are NUL-terminated and printable ASCII unless said otherwise. Sizes in
 * pixels, times in microseconds unless the name says otherwise.
 */
#ifndef GH_BASE_MEDIA_H
#define GH_BASE_MEDIA_H

#include <stdbool.h>
#include <stdint.h>

enum gh_media { GH_MEDIA_NONE, GH_PHOTO, GH_VIDEO };

/* ------------------------------------------------------------------------------- metadata found */

/* Kinds of metadata, a bit each: what a source carried, and what an output may carry. */
#define GH_META_KINDS(X)                                                                           \
    X(GPS, "gps", "GPS position")                                                                  \
    X(SERIAL, "serial", "camera or lens serial number")                                            \
    X(OWNER, "owner", "owner or host name")                                                        \
    X(FACES, "faces", "names or regions of faces")                                                 \
    X(MAKERNOTE, "makernote", "maker note")                                                        \
    X(THUMBNAIL, "thumbnail", "embedded thumbnail or preview")                                     \
    X(COMMENT, "comment", "comment")                                                               \
    X(CAMERA, "camera", "camera make, model and settings")                                         \
    X(DATE, "date", "capture date")                                                                \
    X(CREDIT, "credit", "artist, credit or copyright")                                             \
    X(CAPTION, "caption", "description or caption")                                                \
    X(XMP, "xmp", "XMP packet")                                                                    \
    X(IPTC, "iptc", "IPTC record")                                                                 \
    X(EXIF_OTHER, "exif", "other EXIF fields")                                                     \
    X(ICC, "icc", "colour profile")                                                                \
    X(MPF, "mpf", "further pictures in the file (MPF)")                                            \
    X(TRAILER, "trailer", "data after the picture (motion photo, gain map)")                       \
    X(ENCODER, "encoder", "encoder settings")                                                      \
    X(UDTA, "udta", "container metadata (udta, QuickTime keys)")                                   \
    X(DATA_TRACK, "data-track", "data, timecode or telemetry track")                               \
    X(CHAPTERS, "chapters", "chapters")                                                            \
    X(SOFTWARE, "software", "software names")                                                      \
    X(UNKNOWN, "unknown", "unknown metadata")

enum gh_meta_bit {
#define GH_META_ENUM(id, name, title) GH_META_BIT_##id,
    GH_META_KINDS(GH_META_ENUM)
#undef GH_META_ENUM
        GH_META_BITS
};
#define GH_META(id) (1u << GH_META_BIT_##id)
/** "gps" and "GPS position" for bit number b; NULL past the last one. */
const char *gh_meta_name(unsigned b);
const char *gh_meta_title(unsigned b);
struct gh_str;
/** "GPS position, maker note" for a set of bits; "nothing" when empty. Appends. */
void gh_meta_describe(uint32_t bits, struct gh_str *out);

/* Metadata policies: strip, credit, keep, archive. */
enum gh_policy {
    GH_POLICY_STRIP,
    GH_POLICY_CREDIT,
    GH_POLICY_KEEP,
    GH_POLICY_ARCHIVE,
    GH_POLICIES
};
const char *gh_policy_name(enum gh_policy p);
bool gh_policy_parse(const char *name, enum gh_policy *ret);
/* Counted up when what is written into photos by policy changes: they become due again, as for the
 * version of a filter. */
#define GH_META_VERSION 2
/** The kinds an output of this policy may carry. Any other kind in it fails the rendition. */
uint32_t gh_policy_allows(enum gh_policy p);

/* ---------------------------------------------------------------------------------------- probe */

/* Colour of the decoded pixels, as far as the planner needs it. */
enum gh_colour {
    GH_COLOUR_UNKNOWN,
    GH_COLOUR_SRGB,    /* photos: sRGB, or no profile */
    GH_COLOUR_PROFILE, /* photos: an ICC profile other than sRGB */
    GH_COLOUR_CMYK,
    GH_COLOUR_GREY,
    GH_COLOUR_BT709,
    GH_COLOUR_BT601,
    GH_COLOUR_BT2020, /* with an SDR transfer */
    GH_COLOUR_PQ,
    GH_COLOUR_HLG,
};
const char *gh_colour_name(enum gh_colour c);

struct gh_rational {
    int32_t num, den;
};

#define GH_PROBE_MAX_STREAMS 16
#define GH_SOURCE_TEXT_MAX 2000 /* bytes of the source's own description that are kept */

struct gh_probe {
    uint32_t media; /* enum gh_media */
    /* "jpeg" "heif" "avif" "png" "webp" "tiff" "gif" "bmp", or a container (codecs.h) */
    char format[16];
    uint64_t bytes;              /* size of the file */
    uint32_t stored_w, stored_h; /* as coded, before orientation */
    uint32_t w, h;               /* as a person sees it: orientation applied, square pixels */
    uint32_t orient; /* 1..8 as in EXIF: what is still to be done to the decoded picture */
    uint32_t colour; /* enum gh_colour */
    uint32_t meta;   /* GH_META bits found */
    uint32_t depth;  /* bits a component */
    uint32_t has_alpha;
    /* the source's own description, which leaves in no file: UTF-8 that gh_text_is_clean, lines
     * between \n; "": none */
    char text[GH_SOURCE_TEXT_MAX + 8];

    /* photos */
    uint32_t pages;       /* frames of an animation, pictures of a collection; 1 for a single one */
    uint32_t progressive; /* JPEG */
    uint32_t subsampling; /* 444, 422, 420, 440, 411, 400; 0 unknown */
    uint32_t components;  /* colour channels without alpha */
    char icc[48];         /* description of the embedded profile, ASCII */
    char taken[24];       /* "2026:11-23 10:00:00" as EXIF gives it, or "" */
    uint32_t truncated;   /* output check: decoder warned, or bytes after the end */
    uint32_t text_like;   /* graphics or text, few colours: keep 4:4:4 */

    /* videos */
    char vcodec[24], vprofile[32], pix_fmt[24];
    uint32_t vlevel;            /* 40 for 4.0; 0 unknown */
    struct gh_rational fps;     /* nominal */
    struct gh_rational fps_avg; /* frames / duration */
    uint32_t vfr;               /* frame distances differ by more than a tick */
    /* how fast pictures follow each other where something moves, however long the pauses are; 0
     * unknown */
    struct gh_rational fps_moving;
    /* of the film: its picture, and its sound where it begins clearly before or ends after it */
    int64_t duration_us;
    int64_t picture_us;  /* presentation time of the picture alone, edit list applied; 0 unknown */
    int64_t lead_us;     /* in the film, before the first picture: there is only sound */
    uint32_t unmeasured; /* the header's times or tracks are not to be relied on: packets tell */
    /* streams that are shown and heard, from 1; 0: those that opening the file chooses */
    uint32_t film_track, sound_track;
    int64_t container_us; /* what the container says of the whole file */
    /* decoded (depth full), counted (depth packets), or from the header; 0 unknown */
    uint64_t frames;
    uint32_t vkbps; /* of the video stream */
    struct gh_rational sar;
    uint32_t interlaced;
    uint32_t bframes; /* reordering depth seen */
    uint32_t full_range;
    uint32_t gop_max_ms; /* longest distance of key frames; 0 unknown */
    uint32_t open_gop;   /* a GOP refers outside itself */
    uint32_t edit_list;  /* an elst box is present */
    uint32_t edit_trims; /* the edit list hides frames: more than B-frame delay or AAC priming */
    uint32_t moov_first;
    uint32_t color_primaries, color_trc, color_space; /* AVCOL_* numbers (ITU-T H.273) */
    uint32_t n_video, n_audio, n_data;                /* streams */
    uint32_t damaged;                                 /* depth full: decoding reported errors */
    uint32_t resized;                                 /* depth full: pictures change their size */
    char acodec[24], aprofile[24];
    uint32_t arate, achannels;
    uint32_t checked; /* enum gh_probe_depth that was reached */
    int64_t aduration_us;
    int64_t av_offset_us; /* first sound minus first picture */
};

enum gh_probe_depth {
    GH_PROBE_HEADER,  /* containers and headers only */
    GH_PROBE_PACKETS, /* every packet read, boxes walked: enough to judge an output */
    GH_PROBE_FULL,    /* every frame decoded: enough to pass a bitstream through */
};

/* --------------------------------------------------------------------- description of a picture */

struct gh_rect {
    uint32_t x, y, w, h;
};

/* What a photo looks like, in a few bytes: two of one scene are known by it, and which is sharper.
 */
struct gh_look {
    uint64_t hash;  /* where brightness falls from left to right, in 8×8 places */
    uint32_t sharp; /* contrast of the finest detail in the sharpest places; larger is sharper */
    uint32_t known; /* 0: nobody looked */
};
#define GH_LOOK_SHARP_MAX 102000u
/** Of 64 places, in how many two photos differ; some ten or fewer: it is one scene. */
unsigned gh_look_distance(const struct gh_look *a, const struct gh_look *b);

#define GH_FOCAL_WHOLE 10000u /* a focal point counts in this part of width and height */
/* The point of a picture that crops keep, where a person chose one. */
struct gh_focal {
    bool has;
    uint32_t x, y; /* 1/GH_FOCAL_WHOLE of width and height, from the upper left corner */
};
/** "0.5,0.25" → {true, 5000, 2500}; false when it is not two numbers from 0 to 1. */
bool gh_focal_parse(const char *text, struct gh_focal *ret);

enum gh_crop_how { GH_CROP_NONE, GH_CROP_CENTRE, GH_CROP_ATTENTION, GH_CROP_FOCAL };
enum gh_pad { GH_PAD_NONE, GH_PAD_COLOUR, GH_PAD_BLUR };
enum gh_overlong { GH_OVERLONG_REFUSE, GH_OVERLONG_CUT, GH_OVERLONG_SPLIT };

enum gh_corner {
    GH_CORNER_TOP_LEFT = 1, /* 0: nothing is painted */
    GH_CORNER_TOP_RIGHT,
    GH_CORNER_BOTTOM_LEFT,
    GH_CORNER_BOTTOM_RIGHT
};

/**
 * A logo or a label painted into a corner of the canvas; all zero: none. The pixels come to the
 * child by descriptor (GH_JOB_OVERLAY), named by id. Sizes are relative, so that they hold when a
 * canvas is made smaller.
 */
struct gh_overlay {
    /* SHA-256 in hex of what it is: a logo's bytes, a label's text; 68 leaves no padding */
    char id[68];
    uint32_t corner; /* enum gh_corner */
    /* upper bounds, in 1/1000 of the canvas's shorter edge; 0: the whole room */
    uint32_t w, h;
    uint32_t margin;  /* to both edges, in 1/1000 of the shorter edge */
    uint32_t opacity; /* percent */
};

/**
 * What filters transform and executors turn into pixels. Coordinates of crop are in the upright
 * picture (after orient, square pixels). content is the size crop is scaled to; canvas the size of
 * the output; (x, y) where content lies on it. content == canvas and (0, 0) when pad is
 * GH_PAD_NONE.
 */
struct gh_pic {
    uint32_t media;        /* enum gh_media of the source */
    uint32_t align;        /* canvas and content are multiples of this: 1 photos, 2 videos */
    uint32_t orient;       /* 1..8 to apply; 1 once there is nothing to do */
    uint32_t src_w, src_h; /* the upright picture */
    struct gh_rect crop;
    uint32_t crop_how;         /* enum gh_crop_how: may the executor move crop, and where to? */
    uint32_t focal_x, focal_y; /* GH_CROP_FOCAL: the point to keep, in 1/GH_FOCAL_WHOLE */
    uint32_t content_w, content_h;
    uint32_t canvas_w, canvas_h, x, y;
    uint32_t pad, pad_rgb; /* enum gh_pad, 0xRRGGBB */
    uint32_t src_colour;   /* enum gh_colour of the source */
    uint32_t colour;       /* target: GH_COLOUR_SRGB or GH_COLOUR_BT709 */
    uint32_t tonemap;      /* source is HDR */
    uint32_t background;   /* 0xRRGGBB under alpha */
    uint32_t sharpen;      /* percent, 0 none */
    /* painted last, in this order; until the planner is done, id may be a name */
    struct gh_overlay watermark, label;
    uint32_t deinterlace;
    struct gh_rational fps; /* of the output; {0,0} for photos */
    /* the part of the source that is shown; for a photo of a video: its moment, -1 to choose one */
    int64_t start_us, duration_us;
    uint32_t part, parts; /* 1..parts */
    int32_t lufs10;       /* loudness target in 1/10 LUFS (-140); 0 leave */
    uint32_t reserved;    /* 0: in the place of padding, see daemon/plan/recipe.c */
};

/* --------------------------------------------------------------------------- recipe: one encode */

enum gh_how { GH_HOW_ENCODE, GH_HOW_PASS }; /* PASS: the bitstream as it is, in a new container */
enum gh_audio { GH_AUDIO_NONE, GH_AUDIO_ENCODE, GH_AUDIO_COPY, GH_AUDIO_SILENT };

struct gh_photo_out {
    uint32_t quality, quality_min; /* JPEG quality to start with and the lowest allowed */
    uint32_t progressive;
    uint32_t subsampling; /* 420 or 444; 0 = 444 for text-like pictures, else 420 */
    uint32_t shrink_min;  /* too large at quality_min: smallest long edge; 0: refuse */
};

struct gh_video_out {
    char profile[16]; /* "high" "main" "baseline" */
    /* x264's preset: work done to save bits; "": the default of the encoder */
    char preset[24];
    uint32_t level10; /* 40; 0 = what x264 chooses */
    uint32_t bframes;
    uint32_t gop_ms;
    uint32_t crf10;        /* CRF × 10 */
    uint32_t maxrate_kbps; /* cap; 0 none */
    uint32_t bitrate_kbps; /* ABR target when set: CRF is not used */
};

struct gh_audio_out {
    uint32_t mode; /* enum gh_audio */
    uint32_t kbps, rate, channels;
};

struct gh_recipe {
    uint32_t media;     /* of the output: GH_PHOTO is a JPEG, GH_VIDEO an MP4 */
    uint32_t how;       /* enum gh_how */
    uint64_t bytes_max; /* 0: no limit */
    struct gh_pic pic;
    struct gh_photo_out photo;
    struct gh_video_out video;
    struct gh_audio_out audio;
    uint32_t policy;                  /* enum gh_policy */
    char artist[128], copyright[160]; /* UTF-8, for GH_POLICY_CREDIT */
};

#endif
