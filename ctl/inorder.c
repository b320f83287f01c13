/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that ends prints its text and those of the files after it that ended earlier, unless one
 * before it is still in work. */
#include "ctl/inorder.h"

void gh_inorder_end(struct gh_batch_file *file)
{
    struct gh_batch *w = file->batch;
    for (size_t i = 0; i < file->index; i++)
        if (!w->files[i].ended)
            return;
    for (size_t i = file->index; i < w->n && w->files[i].ended; i++) {
        fputs(gh_str_text(&w->files[i].text), stdout);
        gh_str_free(&w->files[i].text);
    }
    fflush(stdout);
}

void gh_inorder_json(struct gh_batch_file *file, json_t *o)
{
    char *line = json_dumps(o, JSON_COMPACT);
    gh_str_printf(&file->text, "%s\n", line ? line : "{}");
    free(line);
    json_decref(o);
}
