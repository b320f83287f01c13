/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen ADDRESS:PORT | /PATH PROGRAM [ARGUMENT…]: listens there and becomes the program, which
 * finds the socket as systemd's socket units hand one over. For make run and tests. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3
#define BACKLOG 512

static int die(const char *what)
{
    perror(what);
    return 1;
}

static socklen_t address_of(const char *text, struct sockaddr_storage *ret)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in inet = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    char host[64] = "";
    if (*text == '/' && strlen(text) < sizeof(local.sun_path)) {
        memcpy(local.sun_path, text, strlen(text));
        memcpy(ret, &local, sizeof(local));
        unlink(text);
        return sizeof(local);
    }
    if (!colon || (size_t)(colon - text) >= sizeof(host))
        return 0;
    memcpy(host, text, (size_t)(colon - text));
    inet.sin_port = htons((unsigned short)atoi(colon + 1));
    if (inet_pton(AF_INET, host, &inet.sin_addr) != 1)
        return 0;
    memcpy(ret, &inet, sizeof(inet));
    return sizeof(inet);
}

int main(int argc, char **argv)
{
    struct sockaddr_storage addr = {0};
    char pid[16];
    int on = 1;
    socklen_t n = argc > 2 ? address_of(argv[1], &addr) : 0;
    if (!n) {
        fputs("Usage: listen ADDRESS:PORT|/PATH PROGRAM [ARGUMENT…]\n", stderr);
        return 2;
    }
    int fd = socket(addr.ss_family, SOCK_STREAM, 0);
    if (fd < 0)
        return die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&addr, n) < 0 || listen(fd, BACKLOG) < 0)
        return die(argv[1]);
    if (fd != FIRST_FD && (dup2(fd, FIRST_FD) < 0 || close(fd) < 0))
        return die("dup2");
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", pid, 1);
    execvp(argv[2], argv + 2);
    return die(argv[2]);
}
