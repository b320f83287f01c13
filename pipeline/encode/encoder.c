/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two ways of encoding behind one interface: x264 in this process, and a hardware encoder in
 * another. Classes: GH_SYSTEM, GH_BUG (x264 refuses), and GH_AGAIN (the other process).
 */
#include "pipeline/encode/encoder.h"

#include "pipeline/encode/device.h"
#include "pipeline/input/in.h"

int gh_enc_open(const struct gh_enc_spec *spec, struct gh_remote *remote, struct gh_enc *ret,
                struct gh_err *err)
{
    struct gh_enc e = {.remote = remote};
    if (remote)
        TRY(gh_remote_open(remote, spec, err));
    else
        TRY(gh_enc_context(GH_ENCODER_SOFTWARE, spec, NULL, "", &e.here, err));
    *ret = e;
    return 0;
}

void gh_enc_close(struct gh_enc *e)
{
    avcodec_free_context(&e->here);
    if (e->remote)
        gh_remote_close(e->remote);
    e->remote = NULL;
}

int gh_enc_parameters(const struct gh_enc *e, AVCodecParameters *ret, struct gh_err *err)
{
    if (e->remote)
        return gh_remote_parameters(e->remote, ret, err);
    return avcodec_parameters_from_context(ret, e->here) < 0
               ? gh_fail(err, GH_SYSTEM, "out of memory")
               : 0;
}

int gh_enc_send(struct gh_enc *e, const AVFrame *frame, struct gh_err *err)
{
    if (e->remote)
        return gh_remote_send(e->remote, frame, err);
    int r = avcodec_send_frame(e->here, frame);
    return r < 0 ? gh_fail_av(err, GH_SYSTEM, r, "x264 failed") : 0;
}

int gh_enc_receive(struct gh_enc *e, AVPacket *ret, struct gh_err *err)
{
    if (e->remote)
        return gh_remote_receive(e->remote, ret, err);
    int r = avcodec_receive_packet(e->here, ret);
    if (r == AVERROR(EAGAIN) || r == AVERROR_EOF)
        return 0;
    return r < 0 ? gh_fail_av(err, GH_SYSTEM, r, "x264 failed") : 1;
}
