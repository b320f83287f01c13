// SPDX-License-Identifier: GPL-3.0-or-later
// taps.mjs ORIGIN ITEM: an approver on a phone, in Debian's Chromium. Counts taps and measures what pages weigh; ITEM is a photo that is cropped. Prints
// a line for each figure; ends with 1 when one is above its bound. It says "watching" when the queue is open, and waits for a line about what is new.
// GHAT_NODE: the folder with node_modules; GHAT_PASSWORD: rina's.
import { createRequire } from 'node:module';
const modules = createRequire(process.env.GHAT_NODE + '/');
const { chromium } = modules('playwright-core');
const [origin, cropped] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: 'bn' };
const slow = { timeout: 180000 };
let bad = 0, taps = 0;
const most = (what, n, bound) => { console.log(`${what}: ${n}, at most ${bound}`); if (!(n <= bound)) bad = 1; };
const tap = async (page, where) => { taps++; await page.locator(where).first().tap(slow); };

// Logged in, and what is known of the session given to fresh browsers: nothing is in their cache.
const first = await browser.newContext(phone);
const login = await first.newPage();
await login.goto(`${origin}/login`, slow);
await login.fill('#name', 'rina');
await login.fill('#password', process.env.GHAT_PASSWORD);
await login.click('button.main', slow);
await login.waitForURL(/\/q$/, slow);
const storageState = await first.storageState();
await first.close();
async function cold(path) {
  const context = await browser.newContext({ ...phone, storageState });
  const page = await context.newPage(), cdp = await context.newCDPSession(page);
  const weight = { bytes: 0, requests: 0 }, streams = new Set();
  await cdp.send('Network.enable');
  cdp.on('Network.responseReceived', e => { if (e.response.mimeType === 'text/event-stream') streams.add(e.requestId); else if (e.response.status === 200) weight.requests++; });
  cdp.on('Network.loadingFinished', e => { if (!streams.has(e.requestId)) weight.bytes += e.encodedDataLength; });
  await page.goto(origin + path, slow);
  await page.waitForFunction(() => [...document.querySelectorAll('img')].every(i => i.loading === 'lazy' && !i.complete || i.naturalWidth > 0), null, slow);
  await page.waitForTimeout(1500);
  return { context, page, weight };
}
await (await cold('/q')).context.close(); // the first look has previews made
await (await cold(`/i/${cropped}`)).context.close();

let at = await cold('/q');
most('queue, cold, KB', Math.round(at.weight.bytes / 1000), 150);
await at.context.close();
at = await cold(`/i/${cropped}`);
most('item, cold, KB', Math.round(at.weight.bytes / 1000), 350);

// From the tap to the crops that keep the point, as the page is told.
const before = await at.page.locator('.output .thumb[href]').evaluateAll(l => l.map(a => a.getAttribute('href')));
const frames = () => at.page.locator('svg[data-tap] rect').evaluateAll(l => l.map(r => r.getAttribute('x') + ',' + r.getAttribute('y')).join(' '));
const stood = await frames(), box = await at.page.locator('svg[data-tap]').boundingBox();
const began = Date.now();
// What is sent has to have arrived, and the page that follows it to stand, before the page is left.
const sent = at.page.waitForResponse(r => r.request().method() === 'POST', slow), stands = at.page.waitForEvent('load', slow);
await at.page.touchscreen.tap(box.x + box.width * 0.95, box.y + box.height * 0.9);
await sent;
await stands;
if (!await at.page.locator('.toast form[action$="/focal"] input[name=at][value=""]').count()) { console.log('the tap cannot be taken back'); bad = 1; }
for (;;) {
  await at.page.goto(`${origin}/i/${cropped}`, slow);
  const now = await at.page.locator('.output .thumb[href]').evaluateAll(l => l.map(a => a.getAttribute('href')));
  if (now.length === before.length && now.some(a => !before.includes(a))) break;
  if (Date.now() - began > 170000) { console.log('the crops are not made again'); bad = 1; break; }
  await at.page.waitForTimeout(200);
}
console.log(`from the tap to the crops made again: ${((Date.now() - began) / 1000).toFixed(1)} s`);
if (await frames() === stood) { console.log('the frames stand where they stood'); bad = 1; }
await at.context.close();

// What is new is told as it happens, and nothing jumps.
at = await cold('/q');
console.log('watching');
await at.page.locator('[data-fresh] a').waitFor({ state: 'visible', timeout: 240000 });
const line = await at.page.locator('[data-fresh] a').textContent();
console.log(`told: ${line}`);
if (!/^১টি নতুন/.test(line)) bad = 1;
await at.page.goto(`${origin}/q`, slow);

// Approved from the queue; then another one rejected on its own page.
taps = 0;
await tap(at.page, '.card button.main');
await at.page.locator('.toast').waitFor(slow);
if (!/done=approve/.test(at.page.url()) && !(await at.page.locator('.toast form').count())) { console.log('no undo is offered'); bad = 1; }
most('taps to approve from the queue', taps, 1);
await at.page.goto(await at.page.locator('.card h2 a').last().evaluate(a => a.href), slow);
taps = 0;
await tap(at.page, '.choices summary');
await tap(at.page, '.choices .tick');
await tap(at.page, '.choices button.danger');
await at.page.locator('.toast').waitFor(slow);
most('taps to reject with a reason', taps, 3);

// From a mail, which is a page of somebody else: its link, and Approve.
await at.page.goto(`${origin}/q`, slow);
const link = await at.page.locator('.card h2 a').first().evaluate(a => a.href);
await at.page.goto(`data:text/html,<a href="${link}">1 item waits</a>`, slow);
taps = 0;
await tap(at.page, 'a');
await at.page.waitForURL(link, slow);
await tap(at.page, '#decide button.main');
await at.page.locator('.toast').waitFor(slow);
most("taps to approve from a mail's link", taps, 2);
await browser.close();
process.exit(bad);
