/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holding answers back until those before them are printed. */
#include "ctl/inorder.h"

void gh_inorder_end(struct gh_work_file *file)
{
    struct gh_work *w = file->work;
    for (size_t i = 0; i < file->index; i++)
        if (!w->files[i].ended)
            return;
    for (size_t i = file->index; i < w->n && w->files[i].ended; i++) {
        fputs(gh_str_text(&w->files[i].text), stdout);
        gh_str_free(&w->files[i].text);
    }
    fflush(stdout);
}

void gh_inorder_json(struct gh_work_file *file, json_t *o)
{
    char *line = json_dumps(o, JSON_COMPACT);
    gh_str_printf(&file->text, "%s\n", line ? line : "{}");
    free(line);
    json_decref(o);
}
