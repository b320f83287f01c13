/* SPDX-License-Identifier: GPL-3.0-or-later */
/* liboath makes the codes; which of them count is decided here: a code is taken once. */
#include "daemon/control/totp.h"

#include "base/secret.h"
#include "base/str.h"

#include <liboath/oath.h>
#include <string.h>

#define DIGITS 6
#define BYTES ((GH_TOTP_HEX - 1) / 2)

int64_t gh_totp_step(const char secret[GH_TOTP_HEX], const char *code, int64_t after,
                     int64_t now_ms)
{
    unsigned char key[BYTES];
    int64_t now = now_ms / GH_TOTP_STEP_MS, found = 0;
    if (!gh_is_hex(secret, GH_TOTP_HEX - 1) || strlen(code) != DIGITS)
        return 0;
    gh_hex_bytes(secret, key, sizeof(key));
    for (int64_t step = now - 1; step <= now + 1; step++) {
        char right[DIGITS + 1] = "";
        if (step > after && step > 0 &&
            oath_hotp_generate((const char *)key, sizeof(key), (uint64_t)step, DIGITS, false,
                               OATH_HOTP_DYNAMIC_TRUNCATION, right) == OATH_OK &&
            gh_secret_same(right, code, DIGITS))
            found = step;
    }
    return found;
}

char *gh_totp_text(const char secret[GH_TOTP_HEX])
{
    unsigned char key[BYTES];
    char *text = NULL;
    gh_hex_bytes(secret, key, sizeof(key));
    if (oath_base32_encode((const char *)key, sizeof(key), &text, NULL) != OATH_OK)
        abort();
    return text;
}

char *gh_totp_uri(const char secret[GH_TOTP_HEX], const char *name)
{
    GH_AUTO_FREE char *text = gh_totp_text(secret);
    return gh_asprintf("otpauth://totp/Ghat:%s?secret=%s&issuer=Ghat", name, text);
}
