// SPDX-License-Identifier: GPL-3.0-or-later
// collect.mjs ORIGIN FOLDER ONE TWO THREE: the agency's day in Debian's Chromium, beside an approver. Items ONE and TWO are approved; the agency takes
// ONE, shares it (what the phone's share sheet would get is kept: Chromium on Linux has none), downloads everything as a ZIP into FOLDER, pastes a link;
// the approver has THREE replace ONE and withdraws TWO; the agency reads both and takes the post down. Prints a line a step; ends with 1 when one
// does not come. GHAT_NODE: the folder with node_modules; GHAT_PASSWORD: rina's and agni's.
import { createRequire } from 'node:module';
const modules = createRequire(process.env.GHAT_NODE + '/');
const { chromium } = modules('playwright-core');
const [origin, folder, one, two, three] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: 'en', acceptDownloads: true };
const slow = { timeout: 120000 };
async function person(name, shares) {
  const context = await browser.newContext(phone);
  context.setDefaultTimeout(120000);
  if (shares)
    await context.addInitScript(() => {
      window.shared = [];
      navigator.canShare = what => what.files.length > 0;
      navigator.share = async ({ files, text }) => {
        for (const f of files) {
          const sum = await crypto.subtle.digest('SHA-256', await f.arrayBuffer());
          window.shared.push({ name: f.name, type: f.type, text, sum: [...new Uint8Array(sum)].map(b => b.toString(16).padStart(2, '0')).join('') });
        }
      };
    });
  const page = await context.newPage();
  await page.goto(`${origin}/login?lang=en`);
  await page.fill('#name', name);
  await page.fill('#password', process.env.GHAT_PASSWORD);
  await page.click('button.main');
  await page.waitForURL(u => u.pathname !== '/login', slow);
  return page;
}
// A form is sent, and the page that follows it stands.
async function sent(page, button) {
  const loaded = page.waitForEvent('load', slow);
  await button.tap();
  await loaded;
}
const post = (page, id, placement) => page.locator('.post', { has: page.locator(`form[action="/i/${id}/posted"]`) }).filter({ has: page.locator(`input[name=p][value="${placement}"]`) }).first();
const until = async (what, fn) => {
  for (const end = Date.now() + 120000; !await fn();) {
    if (Date.now() > end) { console.log(`it does not come: ${what}`); process.exit(1); }
    await new Promise(r => setTimeout(r, 300));
  }
};

const rina = await person('rina'), agni = await person('agni', true);
for (const id of [one, two]) {
  await rina.goto(`${origin}/i/${id}`);
  await sent(rina, rina.locator('#decide button.main'));
}
console.log('approved two');
for (const id of [one, two]) await until(`item ${id} at the agency`, async () => { await agni.goto(`${origin}/today`); return await post(agni, id, 'x.photo').count(); });

await sent(agni, post(agni, one, 'x.photo').locator('form[action$="/take"] button').first());
if (!await post(agni, one, 'x.photo').locator('.note').count()) { console.log('it is not taken'); process.exit(1); }
const share = post(agni, one, 'x.photo').locator('[data-share]');
await share.tap();
await until('the files are ready to be shared', async () => (await share.textContent()) === await share.getAttribute('data-share') && await share.isEnabled());
await share.tap();
await until('the share sheet', () => agni.evaluate(() => window.shared.length));
const [got] = await agni.evaluate(() => window.shared);
console.log(`shared ${got.sum} ${got.type} ${got.text}`);

const zip = agni.waitForEvent('download', slow);
await sent(agni, agni.locator('form[action="/zip"]:has(input[name=new]) button'));
await agni.locator('a[download]').tap();
await (await zip).saveAs(`${folder}/new.zip`);
console.log('downloaded');

await agni.goto(`${origin}/today`);
const posted = post(agni, one, 'x.photo');
await posted.locator('summary').first().tap();
await posted.locator('input[name=link]').fill('https://example.org/posts/1');
await sent(agni, posted.locator('form[action$="/posted"] button'));
console.log('posted');

await rina.goto(`${origin}/i/${three}`);
await rina.locator('details:has(form[action$="/replaces"]) summary').tap();
await rina.fill('#old', one);
await sent(rina, rina.locator('form[action$="/replaces"] button'));
await rina.goto(`${origin}/i/${three}`);
await sent(rina, rina.locator('#decide button.main'));
await rina.goto(`${origin}/i/${two}`);
await rina.locator('.choices summary').tap();
await rina.fill('#reason2', 'The road is another one');
await sent(rina, rina.locator('button.danger[form=withdraw]'));
console.log('replaced and withdrew');

const gone = agni.locator('.gone-item');
await until('both are on top', async () => { await agni.goto(`${origin}/today`); return await gone.count() === 2; });
for (const id of [two, one]) {
  const it = agni.locator(`.gone-item:has(form[action="/i/${id}/acknowledge"])`);
  if (id === one) {
    if (!(await it.textContent()).includes(`#${three}`)) { console.log('the new one does not stand beside the old one'); process.exit(1); }
    await it.locator('input[name=removed]').check();
  }
  await sent(agni, it.locator('button.main'));
}
await agni.goto(`${origin}/today`);
if (await gone.count()) { console.log('what was read is still on top'); process.exit(1); }
if (!await post(agni, three, 'x.photo').count()) { console.log('the new one is not there to be posted'); process.exit(1); }
console.log('acknowledged both');
await browser.close();
