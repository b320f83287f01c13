/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filters, one line each: X(name) stands for `const struct gh_filter gh_filter_<name>` in
 * filters/<name>.c. No include guard. */
X(orient)
X(deinterlace)
X(trim)
X(fps)
X(crop)
X(fit)
X(pad)
X(colour)
X(sharpen)
X(watermark)
X(label)
X(loudness)
