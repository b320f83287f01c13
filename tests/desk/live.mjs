// SPDX-License-Identifier: GPL-3.0-or-later
// live.mjs DIRECT PROXY…: whether pages of the queue keep up, in Debian's Chromium as people have it (connected to, not driven: a tab in the background is
// hidden). DIRECT and each PROXY are origins of one desk. What is to be done to the desk is asked for in a line on stdout ("touch 1 2", "ghatd-down"); a
// line on stdin says that it is done. GHAT_NODE: the folder with node_modules; TMPDIR: where the browser keeps its own.
import { createRequire } from 'node:module';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const modules = createRequire(process.env.GHAT_NODE + '/');
const { chromium } = modules('playwright-core');
const [direct, ...proxies] = process.argv.slice(2);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const act = async what => { console.log(what); await answers.next(); };
const fail = text => { console.error(`FAILED: ${text}`); process.exitCode = 1; };
const SLOW = Number(process.env.GHAT_SLOW || 1); // times are multiplied by it
const pause = ms => new Promise(r => setTimeout(r, ms));
const cookie = [{ name: '__Host-ghat', value: 'a'.repeat(64), path: '/', secure: true, httpOnly: true, sameSite: 'Strict' }];

const home = `${process.env.TMPDIR}/browser`, portfile = `${home}/DevToolsActivePort`;
const program = spawn('/usr/bin/chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', `--user-data-dir=${home}`, '--no-first-run', 'about:blank'], { stdio: 'ignore' });
process.on('exit', () => program.kill('SIGKILL'));
for (let i = 0; i < 600 && !(existsSync(portfile) && readFileSync(portfile, 'utf8').includes('\n')); i++) await pause(100);
const browser = await chromium.connectOverCDP(`http://127.0.0.1:${readFileSync(portfile, 'utf8').split('\n')[0]}`);
const context = browser.contexts()[0];
// A page whose tab is hidden when another is in front. playwright says to each page that it has the focus, and offers no way to take that back.
async function tab() {
  const page = await context.newPage(), within = page._connection.toImpl(page);
  await (within.delegate ?? within._delegate)._mainFrameSession._client.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  return page;
}

// A page of the queue, and what it asks for. clock: its own time can be put forward.
async function queue(origin, clock) {
  await context.addCookies(cookie.map(c => ({ ...c, url: undefined, domain: new URL(origin).hostname })));
  const page = await tab(), asked = { live: 0, count: 0 };
  page.on('request', r => { const p = new URL(r.url()).pathname.slice(1); if (p in asked) asked[p]++; });
  if (clock) await page.clock.install();
  await page.goto(`${origin}/q`);
  return { page, asked };
}
const line = page => page.locator('[data-fresh] a');
async function told(page, ms, what, words = /changed|new/) {
  const began = Date.now();
  ms *= SLOW;
  try {
    await line(page).filter({ hasText: words, visible: true }).waitFor({ timeout: ms + 60000 });
  } catch { fail(`${what}: never told`); return; }
  const took = Date.now() - began;
  console.error(`- ${what}: told after ${(took / 1000).toFixed(1)} s`);
  if (took > ms) fail(`${what}: told after ${took} ms, the page promises ${ms}`);
}
const sees = page => page.evaluate(() => document.visibilityState);
async function turned(page, state) {
  for (let i = 0; i < 600 * SLOW; i++) { if (await sees(page) === state) return; await pause(100); }
  fail(`the tab is ${await sees(page)}, not ${state}`);
}

const scenes = {
  // Nothing comes through a proxy that holds it back: noticed after ten seconds; asked for every twenty when that happened twice. The page's own clock
  // is put forward for the second time and the twenty seconds.
  async held() {
    for (const origin of proxies) {
      const { page, asked } = await queue(origin, true);
      const until = async (what, n) => { for (let i = 0; i < 1200 * SLOW && asked[what] < n; i++) await pause(50); };
      await act('touch 1');
      await told(page, 14000, `${origin}: at first`, /1 changed/);
      await until('live', 2);
      await page.clock.fastForward(10000);
      await until('count', 2);
      await page.clock.fastForward(19000);
      await act('touch 2');
      await told(page, 4000, `${origin}: by asking`, /2 changed/);
      if (asked.live !== 2) fail(`${origin}: listens ${asked.live} times where nothing is heard`);
      for (let i = 0; i < 15; i++) {
        const n = asked.count;
        await page.clock.fastForward(20000);
        await until('count', n + 1);
      }
      await until('live', 3);
      if (asked.live !== 3) fail(`${origin}: does not try again after five minutes`);
      await page.close();
    }
  },
  // A tab in the background: no stream, nothing asked; what it missed is there as soon as somebody looks.
  async background() {
    const { page, asked } = await queue(direct);
    await act('touch 1');
    await told(page, 3000, 'a stream', /1 changed/);
    const other = await tab();
    await other.bringToFront();
    await turned(page, 'hidden');
    await pause(2500);
    await act('quiet');
    const before = { ...asked };
    await act('touch 2 3');
    await pause(4000);
    if (asked.live !== before.live || asked.count !== before.count) fail(`hidden, it asks: ${JSON.stringify(asked)}, before ${JSON.stringify(before)}`);
    await act('still-quiet');
    await page.bringToFront();
    await turned(page, 'visible');
    await told(page, 2000, 'back in front', /3 changed/);
    await other.close();
    await page.close();
  },
  // Either program is restarted; and more changed than the ring of what is remembered holds.
  async restarts() {
    const { page } = await queue(direct);
    await act('touch 1');
    await told(page, 3000, 'a stream', /1 changed/);
    await act('desk-down');
    await pause(3000);
    await act('desk-up');
    await act('touch 2');
    await told(page, 15000, 'after the desk was away', /2 changed/);
    await page.goto(`${direct}/q`);
    await act('ghatd-down');
    await pause(3000);
    await act('ghatd-up');
    await told(page, 15000, 'after ghatd was away', /Something is new/);
    await page.goto(`${direct}/q`);
    const other = await tab();
    await other.bringToFront();
    await turned(page, 'hidden');
    await act('flood');
    await page.bringToFront();
    await told(page, 3000, 'past the ring', /Something is new/);
    await other.close();
    await page.close();
  },
};
for (const name of (process.env.GHAT_SCENES || 'background restarts held').split(' ')) await scenes[name]();
process.exit();
