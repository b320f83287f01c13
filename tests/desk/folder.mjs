// SPDX-License-Identifier: GPL-3.0-or-later
// folder.mjs ORIGIN ITEM FILE: an approver on a phone, in Bengali, in Debian's Chromium: all pictures of ITEM are approved but FILE (its number), which
// is then rejected with the first reason there is. Counts taps and seconds; prints the reason. GHAT_NODE: the folder with node_modules;
// GHAT_PASSWORD: rina's. Ends with 1 when it takes more taps than it should.
import { createRequire } from 'node:module';
const modules = createRequire(process.env.GHAT_NODE + '/');
const { chromium } = modules('playwright-core');
const [origin, item, file] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: 'bn' });
context.setDefaultTimeout(120000);
const page = await context.newPage();
await page.goto(`${origin}/login`);
await page.fill('#name', 'rina');
await page.fill('#password', process.env.GHAT_PASSWORD);
await page.click('button.main');
await page.waitForURL(/\/q$/);
let taps = 0, bad = 0;
const tap = async at => { taps++; await at.tap(); };
const sends = async at => { const loaded = page.waitForEvent('load'); await tap(at); await loaded; };
const most = (what, bound, from) => {
  console.log(`${what}: ${taps} taps, at most ${bound}; ${((Date.now() - from) / 1000).toFixed(1)} s`);
  if (taps > bound) bad = 1;
  taps = 0;
};
let from = Date.now();
const loaded = page.waitForURL(`**/i/${item}`);
await tap(page.locator(`.card h2 a[href="/i/${item}"]`));
await loaded;
const pictures = await page.locator('input[name=f]').count();
const offered = async () => (await page.locator('#decide button.main').textContent()).replace(/[০-৯]/g, d => '০১২৩৪৫৬৭৮৯'.indexOf(d)).replace(/\D/g, '');
const all = await offered();
await tap(page.locator(`label.tick:has(input[name=f][value="${file}"])`));
if (await offered() !== String(all - 2)) { console.log(`the button counts ${await offered()} of ${all} outputs without a picture for two placements`); bad = 1; }
await sends(page.locator('#decide button.main'));
most(`${pictures - 1} of ${pictures} pictures approved from the queue`, 3, from);
await page.goto(`${origin}/i/${item}`);
from = Date.now();
await tap(page.locator('.choices summary'));
const reason = page.locator('.choices label.tick').first();
console.log(`reason: ${(await reason.textContent()).trim()}`);
await tap(reason);
await sends(page.locator('.choices button.danger').first());
if (new URL(page.url()).pathname !== '/q') { console.log(`not rejected: ${page.url()} ${await page.locator('main').innerText()}`); bad = 1; }
most('the last one rejected with a reason', 3, from);
await browser.close();
process.exit(bad);
