/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run a fuzz harness over saved inputs (files and folders given), without clang's fuzzer: findings
 * stay found. */
#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned ran;

static void run(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0) {
        perror(path);
        exit(1);
    }
    if (S_ISDIR(st.st_mode)) {
        DIR *dir = opendir(path);
        for (struct dirent *e; dir && (e = readdir(dir));) {
            if (e->d_name[0] == '.')
                continue;
            GH_AUTO_FREE char *child = gh_asprintf("%s/%s", path, e->d_name);
            run(child);
        }
        if (dir)
            closedir(dir);
        return;
    }
    char *bytes = NULL;
    size_t n = 0;
    struct gh_err err;
    if (gh_read_file(AT_FDCWD, path, (size_t)64 << 20, &bytes, &n, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    /* exactly n bytes on the heap: a sanitizer sees the first one read too far */
    uint8_t *exact = malloc(n ? n : 1);
    for (size_t i = 0; i < n; i++)
        exact[i] = (uint8_t)bytes[i];
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    free(bytes);
    ran++;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run(argv[i]);
    printf("%u inputs\n", ran);
    return ran ? 0 : 1;
}
