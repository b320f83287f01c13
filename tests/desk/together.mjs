// SPDX-License-Identifier: GPL-3.0-or-later
// together.mjs ORIGIN: a video beside its original, in Debian's Chromium on a phone and on a desk: both play, stop, step and seek together, by finger and
// by keys, and lie over each other. Item 3's output 301 is of its middle; item 8's original is one that no browser plays. GHAT_NODE: node_modules' folder.
import { createRequire } from 'node:module';
const modules = createRequire(process.env.GHAT_NODE + '/');
const { chromium } = modules('playwright-core');
const [origin] = process.argv.slice(2);
const fail = text => { console.log(`FAILED: ${text}`); process.exitCode = 1; };
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const slow = { timeout: 60000 * Number(process.env.GHAT_SLOW || 1) };
for (const phone of [true, false]) {
  const context = await browser.newContext({ viewport: phone ? { width: 360, height: 740 } : { width: 1280, height: 860 }, isMobile: phone, hasTouch: phone, colorScheme: phone ? 'dark' : 'light' });
  await context.addCookies([{ name: '__Host-ghat', value: 'a'.repeat(64), domain: 'localhost', path: '/', secure: true, httpOnly: true, sameSite: 'Strict' }]);
  const page = await context.newPage(), where = phone ? 'phone' : 'desk';
  page.on('pageerror', e => fail(`${where}: ${e}`));
  page.on('console', m => m.type() === 'error' && !/503/.test(m.text()) && fail(`${where}: ${m.text()}`));
  await page.goto(`${origin}/i/3/compare/301`);
  const [whole, out] = [page.locator('.lay video'), page.locator('.compare figure > video')];
  const times = async () => page.evaluate(() => [...document.querySelectorAll('video')].map(v => v.currentTime));
  const settled = () => page.waitForFunction(() => [...document.querySelectorAll('video')].every(v => !v.seeking && v.readyState >= 2), null, slow);
  const together = async (what, at) => { // within half a picture
    await page.waitForFunction(() => { const [a, b] = [...document.querySelectorAll('video')]; return !a.seeking && !b.seeking && Math.abs(a.currentTime - b.currentTime) < 0.02; }, null, slow).catch(() => 0);
    const [a, b] = await times();
    if (Math.abs(a - b) >= 0.02) fail(`${where}: ${what}: the original is at ${a}, the output at ${b}`);
    if (at !== undefined && Math.abs(b - at) > 0.02) fail(`${where}: ${what}: at ${b}, not ${at}`);
    return b;
  };
  await settled();
  // The output is the middle 270 of 640 columns: the original lies so that both show the same.
  const [w, o] = [await whole.boundingBox(), await out.boundingBox()];
  const want = { x: o.x - 184 / 270 * o.width, y: o.y, width: 640 / 270 * o.width, height: o.height };
  for (const k in want) if (Math.abs(w[k] - want[k]) > 2) fail(`${where}: the original's ${k} is ${w[k]}, should be ${want[k]}`);
  if (o.height > page.viewportSize().height * 0.7) fail(`${where}: the film is higher than the screen`);
  if (await page.evaluate(() => document.documentElement.scrollWidth) > page.viewportSize().width) fail(`${where}: wider than the screen`);
  // Play and stop.
  const play = page.locator('[data-play]');
  await (phone ? play.tap() : page.keyboard.press(' '));
  await page.waitForFunction(() => [...document.querySelectorAll('video')].every(v => v.currentTime > 0.6), null, slow);
  // One look may fall into the moment before the original is put right, which it is where it is 0.1 s off: the median of several is judged.
  const apart = [];
  for (let i = 0; i < 9; i++) {
    const [a, b] = await times();
    apart.push(Math.abs(a - b));
    await page.waitForTimeout(100);
  }
  const median = apart.sort((x, y) => x - y)[4];
  if (median > 0.15) fail(`${where}: playing, original and output are ${apart} s apart`);
  if (await play.textContent() !== 'Pause') fail(`${where}: the button says ${await play.textContent()}`);
  await (phone ? play.tap() : page.keyboard.press(' '));
  const stood = await together('stopped');
  // Steps and the slider of moments.
  await (phone ? page.locator('[data-step="1"]').tap() : page.keyboard.press('ArrowRight'));
  if (await together('a step') <= stood) fail(`${where}: a step leads nowhere`);
  await page.locator('#at').evaluate(e => { e.value = 3; e.dispatchEvent(new Event('input', { bubbles: true })); });
  await together('the slider', 3);
  await page.locator('#at').focus();
  await page.keyboard.press('ArrowLeft');
  await together('the slider by keys', 2.99);
  if (await page.locator('output').textContent() !== '0:03.0') fail(`${where}: it says ${await page.locator('output').textContent()}`);
  // The line between them, by keys; each pixel as one of the screen.
  await page.locator('#wipe').focus();
  await page.keyboard.press('Home');
  const clip = await page.evaluate(() => getComputedStyle(document.querySelectorAll('.compare figure')[1]).clipPath);
  if (clip !== 'inset(0px 0px 0px 0%)' && clip !== 'inset(0px)') fail(`${where}: wiped to ${clip}`);
  await page.locator('#full').check();
  const full = await out.boundingBox();
  if (Math.round(full.width) !== 1080 || Math.round(full.height) !== 1920) fail(`${where}: not at full size: ${full.width}x${full.height}`);
  if (await page.locator('[data-unplayed]').isVisible()) fail(`${where}: it says that it cannot play the original`);
  // What no browser plays is said; the output still plays.
  await page.goto(`${origin}/i/8/compare/800`);
  await page.locator('[data-unplayed]').waitFor({ state: 'visible', ...slow });
  await play.click();
  await page.waitForFunction(() => document.querySelector('.compare figure > video').currentTime > 0.3, null, slow);
  await context.close();
}
await browser.close();
