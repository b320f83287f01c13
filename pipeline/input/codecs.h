/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The demuxers and decoders that may read dropped files, as X-macros: the only list of them. A row
 * is X(the demuxer as libavformat calls it, the format's name in a probe), or X(libavcodec's codec
 * id, the decoder's name).
 */
#ifndef GH_PIPELINE_INPUT_CODECS_H
#define GH_PIPELINE_INPUT_CODECS_H

#define GH_CONTAINERS(X)                                                                           \
    X("mov,mp4,m4a,3gp,3g2,mj2", "mov")                                                            \
    X("matroska,webm", "matroska")                                                                 \
    X("avi", "avi")                                                                                \
    X("mpegts", "mpegts")                                                                          \
    X("mpeg", "mpeg")                                                                              \
    X("asf", "asf")                                                                                \
    X("flv", "flv")                                                                                \
    X("h264", "h264")                                                                              \
    X("hevc", "hevc")

/* libavformat's list of them. */
#define GH_DEMUXER_COMMA(demuxer, format) demuxer ","
#define GH_DEMUXERS GH_CONTAINERS(GH_DEMUXER_COMMA) "none"

#define GH_VIDEO_DECODERS(X)                                                                       \
    X(H264, "h264")                                                                                \
    X(HEVC, "hevc")                                                                                \
    X(AV1, "libdav1d")                                                                             \
    X(VP8, "vp8")                                                                                  \
    X(VP9, "vp9")                                                                                  \
    X(MPEG4, "mpeg4")                                                                              \
    X(MPEG1VIDEO, "mpeg1video")                                                                    \
    X(MPEG2VIDEO, "mpeg2video")                                                                    \
    X(H263, "h263")                                                                                \
    X(MJPEG, "mjpeg")                                                                              \
    X(PRORES, "prores")                                                                            \
    X(DVVIDEO, "dvvideo")                                                                          \
    X(MSMPEG4V3, "msmpeg4")                                                                        \
    X(MSMPEG4V2, "msmpeg4v2")                                                                      \
    X(WMV1, "wmv1")                                                                                \
    X(WMV2, "wmv2")                                                                                \
    X(WMV3, "wmv3")                                                                                \
    X(VC1, "vc1")                                                                                  \
    X(FLV1, "flv")                                                                                 \
    X(VP6F, "vp6f")                                                                                \
    X(VP6A, "vp6a")

#define GH_AUDIO_DECODERS(X)                                                                       \
    X(AAC, "aac")                                                                                  \
    X(MP2, "mp2float")                                                                             \
    X(MP3, "mp3float")                                                                             \
    X(AMR_NB, "amrnb")                                                                             \
    X(AMR_WB, "amrwb")                                                                             \
    X(OPUS, "opus")                                                                                \
    X(VORBIS, "vorbis")                                                                            \
    X(AC3, "ac3")                                                                                  \
    X(EAC3, "eac3")                                                                                \
    X(ALAC, "alac")                                                                                \
    X(FLAC, "flac")                                                                                \
    X(PCM_U8, "pcm_u8")                                                                            \
    X(PCM_S8, "pcm_s8")                                                                            \
    X(PCM_S16LE, "pcm_s16le")                                                                      \
    X(PCM_S16BE, "pcm_s16be")                                                                      \
    X(PCM_S24LE, "pcm_s24le")                                                                      \
    X(PCM_S24BE, "pcm_s24be")                                                                      \
    X(PCM_S32LE, "pcm_s32le")                                                                      \
    X(PCM_S32BE, "pcm_s32be")                                                                      \
    X(PCM_F32LE, "pcm_f32le")                                                                      \
    X(PCM_F32BE, "pcm_f32be")                                                                      \
    X(PCM_ALAW, "pcm_alaw")                                                                        \
    X(PCM_MULAW, "pcm_mulaw")                                                                      \
    X(ADPCM_IMA_WAV, "adpcm_ima_wav")                                                              \
    X(ADPCM_IMA_QT, "adpcm_ima_qt")                                                                \
    X(ADPCM_MS, "adpcm_ms")                                                                        \
    X(ADPCM_SWF, "adpcm_swf")                                                                      \
    X(PCM_DVD, "pcm_dvd")                                                                          \
    X(WMAV1, "wmav1")                                                                              \
    X(WMAV2, "wmav2")                                                                              \
    X(WMAPRO, "wmapro")                                                                            \
    X(WMALOSSLESS, "wmalossless")                                                                  \
    X(WMAVOICE, "wmavoice")                                                                        \
    X(NELLYMOSER, "nellymoser")                                                                    \
    X(SPEEX, "speex")

#endif
