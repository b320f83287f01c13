/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The demuxers and decoders that may see dropped bytes: an X-macro, the only list of them. GH_VIDEO_DECODERS rows are
 * id, decoder, name for people.
 */
#ifndef GH_PIPELINE_VIDEO_CODECS_H
#define GH_PIPELINE_VIDEO_CODECS_H

#define GH_DEMUXERS "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts"

#define GH_VIDEO_DECODERS(X)                                                                                           \
    X(H264, "h264")                                                                                                    \
    X(HEVC, "hevc")                                                                                                    \
    X(AV1, "libdav1d")                                                                                                 \
    X(VP8, "vp8")                                                                                                      \
    X(VP9, "vp9")                                                                                                      \
    X(MPEG4, "mpeg4")                                                                                                  \
    X(MPEG1VIDEO, "mpeg1video")                                                                                        \
    X(MPEG2VIDEO, "mpeg2video")                                                                                        \
    X(H263, "h263")                                                                                                    \
    X(MJPEG, "mjpeg")                                                                                                  \
    X(PRORES, "prores")                                                                                                \
    X(DVVIDEO, "dvvideo")                                                                                              \
    X(MSMPEG4V3, "msmpeg4")                                                                                            \
    X(MSMPEG4V2, "msmpeg4v2")

#define GH_AUDIO_DECODERS(X)                                                                                           \
    X(AAC, "aac")                                                                                                      \
    X(MP2, "mp2float")                                                                                                 \
    X(MP3, "mp3float")                                                                                                 \
    X(AMR_NB, "amrnb")                                                                                                 \
    X(AMR_WB, "amrwb")                                                                                                 \
    X(OPUS, "opus")                                                                                                    \
    X(VORBIS, "vorbis")                                                                                                \
    X(AC3, "ac3")                                                                                                      \
    X(EAC3, "eac3")                                                                                                    \
    X(ALAC, "alac")                                                                                                    \
    X(FLAC, "flac")                                                                                                    \
    X(PCM_U8, "pcm_u8")                                                                                                \
    X(PCM_S8, "pcm_s8")                                                                                                \
    X(PCM_S16LE, "pcm_s16le")                                                                                          \
    X(PCM_S16BE, "pcm_s16be")                                                                                          \
    X(PCM_S24LE, "pcm_s24le")                                                                                          \
    X(PCM_S24BE, "pcm_s24be")                                                                                          \
    X(PCM_S32LE, "pcm_s32le")                                                                                          \
    X(PCM_S32BE, "pcm_s32be")                                                                                          \
    X(PCM_F32LE, "pcm_f32le")                                                                                          \
    X(PCM_F32BE, "pcm_f32be")                                                                                          \
    X(PCM_ALAW, "pcm_alaw")                                                                                            \
    X(PCM_MULAW, "pcm_mulaw")                                                                                          \
    X(ADPCM_IMA_WAV, "adpcm_ima_wav")                                                                                  \
    X(ADPCM_IMA_QT, "adpcm_ima_qt")                                                                                    \
    X(ADPCM_MS, "adpcm_ms")

#endif
