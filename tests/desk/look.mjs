// SPDX-License-Identifier: GPL-3.0-or-later
// look.mjs ORIGIN OUT LANG WIDTH SCHEME [USER]: each page once in Debian's Chromium, with a screenshot of the whole page, what axe finds, and
// whether anything is wider than the screen. Ends with 1 when something is wrong. GHAT_NODE: the folder with node_modules.
import { createRequire } from 'node:module';
import { readFileSync, mkdirSync } from 'node:fs';
const modules = createRequire(process.env.GHAT_NODE + '/');
const { chromium } = modules('playwright-core');
const [origin, out, lang, width, scheme, user = 'rina'] = process.argv.slice(2);
const axe = readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8');
const password = process.env.GHAT_PASSWORD || 'a password for tests';
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext({
  viewport: { width: Number(width), height: width < 700 ? 740 : 860 }, deviceScaleFactor: width < 700 ? 2 : 1,
  colorScheme: scheme, locale: lang, isMobile: width < 700, hasTouch: width < 700,
});
const page = await context.newPage();
let bad = 0;
const say = text => { console.log(text); bad = 1; };
page.on('console', m => m.type() === 'error' && !/40[349]|410|503/.test(m.text()) && say(`console: ${m.text()}`));
page.on('pageerror', e => say(`script: ${e}`));
async function look(name, full = true) {
  await page.waitForLoadState('load');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth) - Number(width); // a phone's innerWidth grows with the page
  if (wide > 0) say(`${name}: ${wide} px wider than the screen`);
  const small = await page.evaluate(() => [...document.querySelectorAll('a, button, summary, input, select')].filter(e => {
    const r = e.getBoundingClientRect();
    return e.checkVisibility() && r.width > 0 && !e.closest('p, .gone, .skip, label, h2, li > div, .caption, time') && e.type !== 'hidden' && r.height < 44 - 0.5 && !e.classList.contains('skip');
  }).map(e => `${e.tagName} "${(e.textContent || e.name).trim().slice(0, 30)}" ${Math.round(e.getBoundingClientRect().height)}`));
  for (const s of small) say(`${name}: a target below 44 px: ${s}`);
  // A card hides what does not fit into it: the page is then no wider, and a finger cannot reach it. What can be scrolled to is there.
  const cut = await page.evaluate(() => [...document.querySelectorAll('a, button, summary, input, select, textarea')].filter(e => {
    const r = e.getBoundingClientRect();
    if (!e.checkVisibility() || r.width === 0 || e.closest('.gone, .skip')) return false;
    for (let box = e.parentElement; box; box = box.parentElement) {
      const overflow = getComputedStyle(box).overflowX;
      if (/auto|scroll/.test(overflow) && box.scrollWidth > box.clientWidth) return false;
      if (/hidden|clip/.test(overflow) && r.right > box.getBoundingClientRect().right + 0.5) return true;
    }
    return r.right > document.documentElement.clientWidth + 0.5;
  }).map(e => `${e.tagName} "${(e.textContent || e.name).trim().slice(0, 30)}"`));
  for (const c of cut) say(`${name}: cut off at the right: ${c}`);
  // Numbers that the script writes have the digits of those that came with the page.
  const odd = await page.evaluate(() => [...document.querySelectorAll('button')].map(b => b.textContent).filter(t => [...t].some(c => /\p{Nd}/u.test(c) && !document.documentElement.dataset.digits.includes(c))));
  for (const t of odd) say(`${name}: digits of another language: ${t.trim()}`);
  await page.screenshot({ path: `${out}/${name}-${lang}-${width}-${scheme}.png`, fullPage: full });
  // Playwright's own world: the page's CSP holds for the page, not for the judge.
  const context_ = await page.context().newCDPSession(page);
  const { frameTree } = await context_.send('Page.getFrameTree');
  const { executionContextId } = await context_.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
  await context_.send('Runtime.evaluate', { contextId: executionContextId, expression: axe });
  const { result } = await context_.send('Runtime.evaluate', { contextId: executionContextId, awaitPromise: true, returnByValue: true,
    expression: `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.target.join(' ') + ' ' + (n.any[0]?.message || '')).slice(0, 3).join(' | ')]))` });
  for (const [impact, id, where] of result.value || [['?', 'axe did not run', '']])
    if (['serious', 'critical', '?'].includes(impact)) say(`${name}: axe ${impact}: ${id}: ${where}`);
  await context_.detach();
  if (Number(width) < 700) return;
  // The words of this language on a phone, too.
  const now = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  const more = await page.evaluate(() => document.documentElement.scrollWidth) - 360;
  if (more > 0) say(`${name}: ${more} px wider than a phone`);
  await page.setViewportSize(now);
}
await page.goto(`${origin}/wall/${'5'.repeat(32)}?lang=${lang}`);
await look('wall');
async function login(name) {
  await page.goto(`${origin}/login?lang=${lang}`);
  if (name === user) await look('login');
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.click('button.main');
  await page.waitForURL(u => u.pathname !== '/login');
}
await login(user);
for (const [name, path] of [['queue', '/q'], ['item', process.env.GHAT_ITEM || '/i/1'], ['video', '/i/3'], ['today', '/today'], ['contacts', '/contacts'], ['log', '/i/1/log'], ['report', '/report'], ['report-year', '/report?from=2026-01-01&to=2026-12-01&department=water'], ['me', '/me'], ['freeze', '/freeze'], ['compare', '/i/2/compare/200'], ['compare-video', '/i/3/compare/301'], ['print', '/i/2/print'], ['many', '/i/4'], ['missing', '/i/999999'], ['first', `/first/${process.env.GHAT_FIRST || 'f'.repeat(32)}`], ['over', '/first/' + 'e'.repeat(32)], ['found', '/q?s=all&t=zzz']]) {
  await page.goto(origin + path);
  await look(name);
  if (name === 'item') {
    await page.keyboard.press('?');
    await look('keys', false);
    await page.keyboard.press('Escape');
    await page.screenshot({ path: `${out}/item-top-${lang}-${width}-${scheme}.png` });
    await page.click('.choices summary');
    await look('item-choices', false);
    // J and K: the items of the queue, one after the other, and back to it from the last.
    const at = new URL(page.url()).pathname, list = await page.evaluate(() => JSON.parse(sessionStorage.getItem('list')));
    const next = list[list.indexOf(at.split('/')[2]) + 1];
    await page.goto(origin + at);
    await page.keyboard.press('j');
    await page.waitForURL(u => u.pathname === (next ? `/i/${next}` : '/q'), { timeout: 60000 }).catch(() => say(`J on ${at} leads to ${page.url()}`));
    if (next) {
      await page.keyboard.press('k');
      await page.waitForURL(u => u.pathname === at, { timeout: 60000 }).catch(() => say(`K leads to ${page.url()}, not back to ${at}`));
    }
  }
}
// Questions, for each of the three who ask and answer: a click opens all that a page folds away, and what is done is seen.
const done = async (form, text, name) => {
  const at = page.locator(`form[action$="${form}"]`);
  await at.locator('textarea[name=text]').fill(text);
  const sent = page.waitForResponse(r => r.request().method() === 'POST'), loaded = page.waitForEvent('load');
  await at.locator('button').last().click();
  const reply = await sent;
  await loaded;
  if (reply.status() !== 303 || !/done=/.test(reply.headers().location)) say(`${name}: ${reply.status()} ${reply.headers().location}`);
  await look(name);
};
const unfold = () => page.evaluate(() => document.querySelectorAll('main details').forEach(d => { d.open = true; }));
for (const who of process.env.GHAT_ITEM ? [] : [user, 'anjali', 'agency']) {
  if (who !== user) {
    await context.clearCookies();
    await login(who);
    await look(`home-${who}`);
  }
  for (const n of { anjali: ['/1'], agency: [] }[who] || ['', '/3']) {
    await page.goto(`${origin}/question${n || 's'}`);
    await unfold();
    await look(`question${n.replace('/', '-') || 's'}-${who}`);
  }
  if (who === 'anjali') {
    await page.goto(`${origin}/question/1`);
    await unfold();
    await done('/extend', 'The engineer is away.', 'question-extended');
    await done('/answer', 'সোমবার।', 'question-answered');
  }
  if (who === 'agency') {
    await page.goto(`${origin}/questions?s=open`);
    await done('/questions', 'নতুন পাম্প কবে চালু হবে?', 'question-asked');
  }
}
for (const who of process.env.GHAT_ITEM ? [] : ['anjali', 'agency']) {
  await context.clearCookies();
  await login(who);
  // The agency: all files as one, which are ready (1), being prepared (2), and of which something was withdrawn (3). The officer: asking to withdraw.
  for (const path of ['events', 'event/1', ...who === 'agency' ? ['today', 'zip/1', 'zip/2', 'zip/3'] : ['i/1', 'i/3']]) {
    await page.goto(`${origin}/${path}`);
    await unfold();
    await look(`${path.replace('/', '-')}-${who}`);
  }
}
// Two approvers at one item: each page says who else is there.
if (!process.env.GHAT_ITEM) {
  await context.clearCookies();
  await login(user);
  const other = await browser.newContext({ locale: lang });
  const second = await other.newPage();
  await second.goto(`${origin}/login`);
  await second.fill('#name', 'sunil');
  await second.fill('#password', password);
  await second.click('button.main');
  await second.waitForURL(u => u.pathname !== '/login');
  await second.goto(`${origin}/i/1`);
  for (const path of ['/i/1', '/q']) {
    await page.goto(origin + path);
    await page.locator('.looking:visible').first().waitFor({ timeout: 60000 }).catch(() => say(`${path}: nobody is told that sunil looks at item 1`));
    await look(`looking${path.replaceAll('/', '-')}`, false);
  }
  await other.close();
}
await browser.close();
process.exit(bad);
