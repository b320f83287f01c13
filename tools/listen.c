/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen ADDRESS:PORT | /PATH [https=ADDRESS:PORT] PROGRAM [ARGUMENT…]: listens there and becomes
 * the program, which finds the sockets as systemd's socket units hand them over. For make run and
 * tests. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3
#define BACKLOG 512
#define MOST 2
#define HTTPS "https="

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

/* Listens at the place with that descriptor. 0, or what to end with. */
static int listen_at(const char *text, int as)
{
    struct sockaddr_storage addr = {0};
    int on = 1;
    socklen_t n = address_of(text, &addr);
    if (!n) {
        fprintf(stderr, "listen: %s is neither ADDRESS:PORT nor /PATH\n", text);
        return 2;
    }
    int fd = socket(addr.ss_family, SOCK_STREAM, 0);
    if (fd < 0)
        return die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&addr, n) < 0 || listen(fd, BACKLOG) < 0)
        return die(text);
    return fd != as && (dup2(fd, as) < 0 || close(fd) < 0) ? die("dup2") : 0;
}

int main(int argc, char **argv)
{
    char pid[16], number[16], names[64] = "";
    int n = 0, i = 1;
    for (; i < argc; i++) {
        bool https = !strncmp(argv[i], HTTPS, strlen(HTTPS));
        if (n == MOST || (n > 0 && !https))
            break;
        strcat(strcat(names, n ? ":" : ""), https ? "https" : "http");
        int wrong = listen_at(argv[i] + (https ? strlen(HTTPS) : 0), FIRST_FD + n++);
        if (wrong)
            return wrong;
    }
    if (i >= argc) {
        fputs("Usage: listen ADDRESS:PORT|/PATH [https=ADDRESS:PORT] PROGRAM [ARGUMENT…]\n",
              stderr);
        return 2;
    }
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    snprintf(number, sizeof(number), "%d", n);
    setenv("LISTEN_FDS", number, 1);
    setenv("LISTEN_FDNAMES", names, 1);
    setenv("LISTEN_PID", pid, 1);
    execvp(argv[i], argv + i);
    return die(argv[i]);
}
