/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a render takes does not grow with the length of the video. */
#include "tests/unit/video_look.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define FRAMES 400
#define TIMES 4
/* tables of samples, and chance; a picture kept of each hundred would be ten times as much */
#define MARGIN_KB 4096

static int source(int frames)
{
    struct clip c = small();
    c.w = 640;
    c.h = 480;
    c.frames = frames;
    c.gop = 40;
    c.acodec = "aac";
    return clip_make(&c);
}

/* In the child: two outputs of different geometry and sound, so that one waits for the other. */
static void render_two(int in, const struct gh_probe *p)
{
    struct gh_recipe r[2] = {recipe_for(p, 0, 0), recipe_for(p, 320, 240)};
    int out[2] = {memfd_create("a", MFD_CLOEXEC), memfd_create("b", MFD_CLOEXEC)};
    struct gh_ctx ctx = context();
    if (gh_video_render(&ctx, in, p, r, out, 2, &err) < 0 || results[0].cls != GH_OK ||
        results[1].cls != GH_OK)
        _exit(1);
    if (results[0].duration_us != p->duration_us)
        _exit(2);
    /* The kernel may grow a process by itself, filling what it did not touch of huge pages: not
     * this one. */
    _exit(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1 ? 0 : 3);
}

static long peak_kb(int in, const struct gh_probe *p)
{
    struct rusage use;
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid)
        render_two(in, p);
    assert_int_equal(wait4(pid, &status, 0, &use), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return use.ru_maxrss;
}

static void memory_is_flat_with_the_length(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* it keeps what was freed */
#endif
    int brief = source(FRAMES), lengthy = source(FRAMES * TIMES);
    struct gh_probe p = probe_of(brief, GH_PROBE_PACKETS), q = probe_of(lengthy, GH_PROBE_PACKETS);
    assert_true(q.duration_us > p.duration_us * (TIMES - 1));
    long one = peak_kb(brief, &p), many = peak_kb(lengthy, &q);
    if (many > one + MARGIN_KB)
        fail_msg("%ld kB for %d pictures, %ld kB for %d", one, FRAMES, many, FRAMES * TIMES);
    close(brief);
    close(lengthy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_is_flat_with_the_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
