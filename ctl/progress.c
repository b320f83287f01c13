/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line that is drawn over itself: a bar, the share done, files, and the time left, which is
 * computed from the pace so far. */
#include "ctl/progress.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define REDRAW_MS 100
#define WAIT_MS 2000   /* before this a time left would be a guess */
#define WAIT_DONE 0.01 /* the same, as a share done */
#define COLUMNS 80     /* of a terminal that does not say */
#define COLUMNS_BAR 50 /* at most */

struct gh_progress_bar {
    int64_t begun, drawn; /* gh_mono_ms() */
    bool shown;           /* it is on the screen */
};

struct gh_progress_bar *gh_bar_new(void)
{
    if (!isatty(STDERR_FILENO))
        return NULL;
    struct gh_progress_bar *bar = gh_alloc(sizeof(*bar));
    bar->begun = gh_mono_ms();
    return bar;
}

void gh_bar_free(struct gh_progress_bar **bar)
{
    gh_bar_clear(*bar);
    free(*bar);
    *bar = NULL;
}

void gh_bar_clear(struct gh_progress_bar *bar)
{
    if (!bar || !bar->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    bar->shown = false;
    bar->drawn = 0;
}

static void time_left(double done, int64_t elapsed, char *ret, size_t size)
{
    ret[0] = 0;
    if (elapsed < WAIT_MS || done < WAIT_DONE)
        return;
    long s = (long)((double)elapsed * (1 - done) / done / 1000 + 0.5);
    if (s >= 3600)
        snprintf(ret, size, "  %ld:%02ld:%02ld left", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(ret, size, "  %ld:%02ld left", s / 60, s % 60);
}

void gh_bar_draw(struct gh_progress_bar *bar, double done, size_t ended, size_t n)
{
    int64_t now = gh_mono_ms();
    if (!bar || (bar->shown && now - bar->drawn < REDRAW_MS))
        return;
    struct winsize ws = {0};
    int columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col ? ws.ws_col : COLUMNS;
    char left[40], tail[100];
    done = GH_CLAMP(done, 0.0, 1.0);
    time_left(done, now - bar->begun, left, sizeof(left));
    int tail_n =
        snprintf(tail, sizeof(tail), " %3d%%  %zu of %zu%s", (int)(done * 100), ended, n, left);
    int width = GH_CLAMP(columns - tail_n - 3, 0, COLUMNS_BAR), full = (int)(done * width);
    fputs("\r[", stderr);
    for (int i = 0; i < width; i++)
        fputc(i < full ? '=' : i == full ? '>' : ' ', stderr);
    fprintf(stderr, "]%s\033[K", tail);
    fflush(stderr);
    bar->drawn = now;
    bar->shown = true;
}
