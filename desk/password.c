/* SPDX-License-Identifier: GPL-3.0-or-later */
/* argon2id with the cost that ghatd asks for, within bounds; and what a new session is told about
 * the device it is on. */
#include "desk/password.h"

#include "desk/server.h"

#include "base/json.h"
#include "base/secret.h"

#include <sodium.h>
#include <string.h>

#define MEM_MAX (256u << 20) /* bytes of one hashing */
#define OPS_MAX 16
#define DEVICE_MAX 80

/* Refuse as ghatd would, with this why. */
static int refuse(struct gh_req *q, const char *why, struct gh_err *err)
{
    json_decref(q->refusal);
    q->refusal = json_pack("{s:b, s:s}", "ok", 0, "why", why);
    return gh_fail(err, GH_LIMIT, "%s", why);
}

int gh_password_proof(const char *password, const json_t *cost, char ret[GH_PROOF_HEX],
                      struct gh_err *err)
{
    unsigned char salt[crypto_pwhash_SALTBYTES], out[32];
    const char *hex = gh_j_text(cost, "salt");
    int64_t ops = gh_j_int(cost, "ops"), mem = gh_j_int(cost, "mem");
    size_t n = strlen(password);
    if (!gh_is_hex(hex, 2 * sizeof(salt)) || ops < 1 || ops > OPS_MAX || mem < 8192 ||
        mem > MEM_MAX || n > GH_PASSWORD_MAX)
        return gh_fail(err, GH_LIMIT, "a cost of passwords that the desk does not pay");
    sodium_hex2bin(salt, sizeof(salt), hex, 2 * sizeof(salt), NULL, NULL, NULL);
    if (crypto_pwhash(out, sizeof(out), password, n, salt, (unsigned long long)ops, (size_t)mem,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return gh_fail(err, GH_AGAIN, "no memory for a password");
    sodium_bin2hex(ret, GH_PROOF_HEX, out, sizeof(out));
    sodium_memzero(out, sizeof(out));
    return 0;
}

int gh_password_prove(struct gh_req *q, const char *name, const char *password,
                      char ret[GH_PROOF_HEX], struct gh_err *err)
{
    json_t *cost = NULL;
    char address[GH_ADDRESS_BYTES];
    gh_req_address(q, address);
    if (name)
        TRY(gh_desk_ask(q, "login-begin", json_pack("{s:s, s:s}", "name", name, "address", address),
                        &cost, NULL, err));
    else
        TRY(gh_desk_ask(q, "password-begin", NULL, &cost, NULL, err));
    int64_t wait_ms = gh_j_int(cost, "wait_ms");
    int r = wait_ms > 0 ? refuse(q, "wait", err) : gh_password_proof(password, cost, ret, err);
    if (wait_ms > 0)
        json_object_set_new(q->refusal, "wait_ms", json_integer(wait_ms));
    json_decref(cost);
    return r;
}

void gh_password_renew(json_t *cost)
{
    unsigned char salt[crypto_pwhash_SALTBYTES];
    char hex[2 * sizeof(salt) + 1];
    randombytes_buf(salt, sizeof(salt));
    sodium_bin2hex(hex, sizeof(hex), salt, sizeof(salt));
    json_object_set_new(cost, "salt", json_string(hex));
    json_object_set(cost, "ops", json_object_get(cost, "new_ops"));
    json_object_set(cost, "mem", json_object_get(cost, "new_mem"));
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

int gh_password_check(struct gh_req *q, const char *password, const char *again, struct gh_err *err)
{
    if (characters(password) < GH_PASSWORD_MIN || strlen(password) > GH_PASSWORD_MAX)
        return refuse(q, "short", err);
    return gh_streq(password, again) ? 0 : refuse(q, "differ", err);
}

/* ----------------------------------------------------------------------------------------- devices
 */

static const char *first_named(const char *agent, const char *const (*names)[2], size_t n)
{
    for (size_t i = 0; agent && i < n; i++)
        if (strstr(agent, names[i][0]))
            return names[i][1];
    return "?";
}

/* "Chrome, Android": enough to tell one's phone from another's computer. */
static void device_name(const char *agent, char *ret, size_t size)
{
    static const char *const browsers[][2] = {{"Edg", "Edge"},      {"SamsungBrowser", "Samsung"},
                                              {"OPR", "Opera"},     {"Firefox", "Firefox"},
                                              {"Chrome", "Chrome"}, {"Safari", "Safari"}};
    static const char *const systems[][2] = {{"Android", "Android"}, {"iPhone", "iPhone"},
                                             {"iPad", "iPad"},       {"Windows", "Windows"},
                                             {"Mac OS", "Mac"},      {"Linux", "Linux"}};
    gh_format(ret, size, "%s, %s", first_named(agent, browsers, GH_LEN(browsers)),
              first_named(agent, systems, GH_LEN(systems)));
}

json_t *gh_device_json(const struct gh_req *q)
{
    char device[DEVICE_MAX], address[GH_ADDRESS_BYTES];
    device_name(gh_header(q, "User-Agent"), device, sizeof(device));
    gh_req_address(q, address);
    return json_pack("{s:s, s:s, s:b}", "device", device, "address", address, "trusted",
                     gh_form_has(&q->form, "trusted"));
}

void gh_take_session(struct gh_req *q, const json_t *reply)
{
    const char *token = gh_j_text(reply, "session");
    if (!gh_is_hex(token, GH_SESSION_HEX - 1))
        return;
    GH_COPY(q->session, token);
    gh_reply_session(q, token, gh_j_int(reply, "expires_ms"));
}
