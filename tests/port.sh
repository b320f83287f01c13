# SPDX-License-Identifier: GPL-3.0-or-later
# free_port: a port of this machine on which nobody listens, nor on the next one. It is none that the kernel gives to whoever connects out (from 32768
# on), so what another test connects to does not take it meanwhile.
free_port() {
    local port try
    for try in $(seq 100); do
        port=$((20000 + SRANDOM % 12000))
        (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null || (exec 3<>/dev/tcp/127.0.0.1/$((port + 1))) 2>/dev/null || { echo $port; return; }
    done
    echo "no port is free" >&2
    return 1
}
