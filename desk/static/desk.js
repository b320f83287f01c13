// SPDX-License-Identifier: GPL-3.0-or-later
// What makes the desk quicker; every page works without it.
(() => {
'use strict';
const $ = (s, e = document) => e.querySelector(s), $$ = (s, e = document) => [...e.querySelectorAll(s)];
const digits = document.documentElement.dataset.digits;
const num = n => String(n).replace(/\d/g, d => digits[d]);

// Switches change the number on the button.
const approve = $('[data-approve]');
function count() {
  const files = $$('input[name=f]'), places = $$('input[name=p]:checked');
  const on = files.length
    ? files.filter(f => f.checked).reduce((n, f) => n + f.dataset.in.split(' ').filter(p => places.some(e => e.value === p)).length, 0)
    : places.reduce((n, e) => n + Number(e.dataset.n || 1), 0);
  approve.textContent = approve.dataset.approve.replace('{n}', num(on));
  approve.disabled = on === 0;
}
if (approve && $('input[name=p]')) {
  document.addEventListener('change', e => /^[fp]$/.test(e.target.name) && count());
  count();
}

// A preview that is being made: asked for again, less and less often. In a drawing it is fetched beside it.
for (const img of $$('img[data-make]')) {
  let n = 0;
  const again = () => {
    img.classList.add('making');
    if (n++ < 12) setTimeout(() => { img.src = img.src.split('?')[0] + '?' + n; }, 200 * 1.5 ** n);
  };
  img.addEventListener('error', again);
  img.addEventListener('load', () => img.classList.remove('making'));
  if (img.complete && img.src && !img.naturalWidth) again();
}
for (const image of $$('image[data-make], video[poster]')) {
  const probe = new Image(), from = image.poster ? 'poster' : 'href', src = image.getAttribute(from);
  let n = 0;
  probe.onload = () => image.setAttribute(from, probe.src);
  probe.onerror = () => { if (n++ < 12) setTimeout(() => { probe.src = src + '?' + n; }, 200 * 1.5 ** n); };
  probe.src = src;
}

// The crop map: a tap moves every frame at once, as ghatd's crop filter does, then asks for it. By keys: arrows, then Enter.
const map = $('svg[data-tap]'), point = $('#point');
if (map) {
  const v = map.viewBox.baseVal, f = $('#focal'), rects = $$('rect', map);
  let fx = .5, fy = .5;
  if (rects[0]) {
    const b = rects[0], part = (at, size, whole) => (at.baseVal.value + size.baseVal.value / 2) / whole;
    fx = part(b.x, b.width, v.width); fy = part(b.y, b.height, v.height);
  }
  const put = (q, from, size, whole, share) => q.setAttribute(from, Math.max(0, Math.min(whole - size, Math.floor(share * whole - size / 2 + .5))));
  const move = (x, y) => {
    fx = Math.max(0, Math.min(1, x)); fy = Math.max(0, Math.min(1, y));
    for (const q of rects) {
      put(q, 'x', q.width.baseVal.value, v.width, fx);
      put(q, 'y', q.height.baseVal.value, v.height, fy);
    }
  };
  const take = () => { f.at.value = fx.toFixed(4) + ',' + fy.toFixed(4); f.requestSubmit(); };
  map.addEventListener('click', e => {
    const r = map.getBoundingClientRect();
    move((e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height);
    take();
  });
  point.addEventListener('keydown', e => {
    const to = {ArrowLeft: [-.02, 0], ArrowRight: [.02, 0], ArrowUp: [0, -.02], ArrowDown: [0, .02]}[e.key];
    if (to) move(fx + to[0], fy + to[1]);
    else if (e.key === 'Enter') take();
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
}

// Output over original, wiped by a slider.
const wipe = $('#wipe');
if (wipe) {
  const over = $('.compare'), top = $$('figure', over)[1];
  const show = () => { top.style.clipPath = `inset(0 0 0 ${wipe.value}%)`; };
  over.classList.add('over');
  wipe.parentElement.hidden = false;
  wipe.addEventListener('input', show);
  show();
}
const print = $('[data-print]');
if (print) { print.hidden = false; print.addEventListener('click', () => window.print()); }

// The moment that the player shows, as the picture of the video.
const moment = $('[data-moment]'), film = $('figure.shot video, .compare figure > video');
if (moment && film) {
  moment.hidden = false;
  $('button', moment).addEventListener('click', e => { e.currentTarget.value = film.currentTime.toFixed(3); });
}
// Picture by picture: as far as the player told how long one stands, else a twenty-fifth of a second.
let frame = .04;
const step = n => { film.pause(); film.currentTime = Math.max(0, film.currentTime + n * frame); };
const turn = () => { film.paused ? film.play() : film.pause(); };
if (film) {
  let last = 0;
  const tell = (now, m) => {
    const d = m.mediaTime - last;
    if (!film.paused && d > .005 && d < .1) frame = d;
    last = m.mediaTime;
    film.requestVideoFrameCallback(tell);
  };
  film.requestVideoFrameCallback?.(tell);
  const steps = $('[data-steps]');
  steps.hidden = false;
  steps.addEventListener('click', e => e.target.dataset.step && step(Number(e.target.dataset.step)));
}
// A film over its original: one set of buttons, and the original goes where the output is.
const lay = $('.lay');
if (lay) {
  const d = lay.dataset, whole = $('video', lay), at = $('#at'), play = $('[data-play]'), words = play.textContent;
  const part = (n, of) => 100 * d[n] / d[of] + '%';
  for (const k of ['width', 'height']) lay.closest('.compare').style.setProperty('--' + k, d[k]);
  Object.assign(whole.style, {left: part('x', 'width'), top: part('y', 'height'), width: part('wholeWidth', 'width'), height: part('wholeHeight', 'height')});
  whole.controls = film.controls = false;
  $('.both').hidden = false;
  const there = () => film.currentTime + Number(whole.dataset.begin);
  const follow = () => { if (Math.abs(whole.currentTime - there()) > (film.paused ? .001 : .1)) whole.currentTime = there(); };
  const show = () => {
    const t = film.currentTime;
    at.value = t;
    $('output').textContent = num(Math.floor(t / 60) + ':' + (t % 60).toFixed(1).padStart(4, '0'));
    play.textContent = film.paused ? words : play.dataset.pause;
  };
  const known = () => { at.max = film.duration || 0; follow(); show(); };
  const lost = () => { $('[data-unplayed]').hidden = false; };
  film.addEventListener('play', () => { follow(); whole.play().catch(() => {}); show(); });
  film.addEventListener('pause', () => { whole.pause(); follow(); show(); });
  for (const e of ['seeking', 'seeked', 'timeupdate']) film.addEventListener(e, () => { follow(); show(); });
  film.addEventListener('waiting', () => whole.pause());
  film.addEventListener('playing', () => whole.play().catch(() => {}));
  film.addEventListener('loadedmetadata', known);
  whole.addEventListener('loadedmetadata', follow);
  whole.addEventListener('error', lost);
  if (whole.error) lost();
  if (film.readyState) known();
  play.addEventListener('click', turn);
  at.addEventListener('input', () => { film.currentTime = at.value; });
}

// What is new is told in a line; nothing jumps under the thumb. Heard by a stream while somebody looks, asked for where none gets through.
const fresh = $('[data-fresh]');
if (fresh) {
  const line = $('a', fresh), made = Number(fresh.dataset.fresh), shown = new Set($$('[data-item]').map(e => Number(e.dataset.item)));
  const added = new Set(), changed = new Set();
  let place = document.body.dataset.place, stream, timer, silent, tries = 0, deaf = !window.EventSource || navigator.connection?.saveData ? Infinity : 0;
  const hear = (list, all, at) => {
    place = at || place;
    for (const c of list || []) {
      if (shown.has(c.id)) changed.add(c.id);
      else if (c.state === 'staged' && c.staged_ms > made) added.add(c.id);
      else added.delete(c.id);
    }
    const told = line.dataset.new ? [['new', added], ['changed', changed]].filter(t => t[1].size).map(t => line.dataset[t[0]].replace('{n}', num(t[1].size))) : [];
    if (told.length) line.textContent = told.join(' · ');
    if (all || told.length || (!line.dataset.new && changed.size)) fresh.hidden = false;
  };
  // Other approvers who have an item open: two need not decide one.
  const look = list => $$('[data-looking]').forEach(p => {
    const id = Number(p.closest('[data-item]').dataset.item), who = [...new Set(list.filter(l => l.id === id).map(l => l.name))];
    p.hidden = !who.length;
    p.textContent = p.dataset.looking.replace('{n}', who.join(', '));
  });
  const close = () => { stream?.close(); stream = null; clearTimeout(timer); clearTimeout(silent); };
  const ask = async () => {
    try {
      const a = await (await fetch('/count?after=' + place, {headers: {Accept: 'application/json'}})).json();
      hear(a.changes, a.all, a.place);
    } catch { /* next time */ }
  };
  const open = () => {
    close();
    if (document.visibilityState !== 'visible') return;
    if (deaf || tries > 1) ask();
    if (deaf) { deaf--; timer = setTimeout(open, 20000); return; }
    let heard = false;
    const lost = () => {
      close();
      if (!heard && ++tries > 1) deaf = 15; // refused, or held back on the way: asked for, and in five minutes tried again
      ask();
      timer = setTimeout(open, deaf ? 20000 : 1000 * 2 ** tries * (1 + Math.random()));
    };
    const alive = at => { heard = true; tries = 0; place = at || place; clearTimeout(silent); silent = setTimeout(lost, 60000); };
    stream = new EventSource('/live?after=' + place + ($('article.item') ? '&item=' + $('article.item').dataset.item : ''));
    silent = setTimeout(lost, 10000);
    stream.addEventListener('beat', e => alive(e.lastEventId));
    stream.addEventListener('changes', e => { alive(e.lastEventId); hear(JSON.parse(e.data)); });
    stream.addEventListener('looking', e => { alive(e.lastEventId); look(JSON.parse(e.data)); });
    stream.addEventListener('all', e => { alive(e.lastEventId); hear([], true); });
    stream.addEventListener('elsewhere', () => { deaf = 15; open(); }); // this person has more windows than may have one
    stream.onerror = lost;
  };
  document.addEventListener('visibilitychange', open);
  addEventListener('pagehide', close);
  addEventListener('pageshow', e => e.persisted && open());
  open();
}

// A screen on a wall puts what is new in the place of what it shows; nobody stands there to load it again after a time without a way here.
const wall = $('.wall');
if (wall) setInterval(async () => {
  try {
    const r = await fetch(location.href);
    if (r.status === 404) location.reload(); // its link was taken back
    if (!r.ok) return;
    const page = new DOMParser().parseFromString(await r.text(), 'text/html');
    $('main').replaceWith(page.querySelector('main'));
    document.title = page.title;
  } catch { /* next time */ }
}, wall.dataset.renew * 1000);

// Several at once: the bar is there while something is chosen.
const many = $('.bar.many');
if (many) {
  const button = $('button', many);
  const show = () => {
    const n = $$('input[name=i]:checked').length;
    many.hidden = n === 0;
    button.textContent = button.dataset.count.replace('{n}', num(n));
  };
  document.addEventListener('change', e => e.target.name === 'i' && show());
  show();
}

// A post: its caption copied; its files prepared with one tap and handed to the phone's apps with a
// second, since a tap counts only for a moment. Where that is not possible the files are downloaded.
async function copy(box) {
  try { await navigator.clipboard.writeText(box.value); } catch { box.select(); document.execCommand('copy'); }
}
for (const b of $$('[data-copy]')) {
  b.hidden = false;
  b.addEventListener('click', async () => { await copy($('.copy', b.closest('.post'))); b.textContent = b.dataset.copy; });
}
for (const b of typeof navigator.share === 'function' ? $$('[data-share]') : []) {
  const post = b.closest('.post'), links = $$('[data-file]', post);
  const bytes = links.reduce((n, a) => n + Number(a.dataset.bytes), 0);
  if (links.length > 10 || bytes > 50 << 20) continue;
  b.hidden = false;
  let files = null;
  const save = () => links.forEach((a, i) => setTimeout(() => a.click(), 400 * i));
  b.addEventListener('click', async () => {
    const text = $('.copy', post).value;
    if (files) {
      try { await navigator.share({files, text}); } catch (e) { if (e.name !== 'AbortError') save(); }
      return;
    }
    b.disabled = true;
    b.textContent = b.dataset.wait;
    await copy($('.copy', post));
    try {
      const got = await Promise.all(links.map(async a => {
        const r = await fetch(a.href);
        if (!r.ok) throw new Error(r.status);
        const name = /filename="([^"]+)"/.exec(r.headers.get('Content-Disposition') || '');
        return new File([await r.blob()], name ? name[1] : 'file', {type: r.headers.get('Content-Type')});
      }));
      if (!navigator.canShare?.({files: got})) throw new Error('share');
      files = got;
      b.textContent = b.dataset.share;
    } catch { b.hidden = true; save(); }
    b.disabled = false;
  });
}

// A form is sent once, however often it is tapped.
document.addEventListener('submit', e => {
  if (e.target.dataset.sent) { e.preventDefault(); return; }
  if (e.target.method === 'post') {
    e.target.dataset.sent = '1';
    setTimeout(() => { delete e.target.dataset.sent; }, 8000);
  }
});
addEventListener('pageshow', () => $$('form').forEach(f => { delete f.dataset.sent; }));

// Drafts of what is being written, kept on this device until it is saved.
for (const t of $$('[data-draft]')) {
  const key = t.dataset.draft, kept = sessionStorage.getItem(key);
  if (kept && kept !== t.value) { t.value = kept; t.closest('details')?.setAttribute('open', ''); }
  t.addEventListener('input', () => sessionStorage.setItem(key, t.value));
  t.form.addEventListener('submit', () => sessionStorage.removeItem(key));
}

// The counter of a caption while it is written, as each platform counts.
const ways = {
  codepoint: s => [...s].length,
  utf16: s => s.length,
  x: s => {
    const text = s.normalize('NFC').replace(/https?:\/\/\S+/g, 'x'.repeat(23));
    const seg = typeof Intl.Segmenter === 'function' ? [...new Intl.Segmenter().segment(text)].map(p => p.segment) : [...text];
    return seg.reduce((n, g) => n + (/\p{Extended_Pictographic}/u.test(g) ? 2
      : [...g].reduce((m, c) => { const p = c.codePointAt(0); return m + (p <= 4351 || (p >= 8192 && p <= 8205) || (p >= 8208 && p <= 8223) || (p >= 8242 && p <= 8247) ? 1 : 2); }, 0)), 0);
  },
};
const box = $('#caption');
if (box) {
  const rows = $$('.counts li');
  box.addEventListener('input', () => rows.forEach(r => {
    if ('own' in r.dataset) return;
    const n = (ways[r.dataset.count] || ways.codepoint)(box.value);
    $('b', r).textContent = num(n);
    r.classList.toggle('failed', n > Number(r.dataset.max));
  }));
}

// The toast goes by itself, but not the undo in it before its time.
const toast = $('[data-toast]');
if (toast && !$('form', toast)) setTimeout(() => toast.remove(), 6000);
if (location.search.includes('done=')) {
  const u = new URL(location);
  for (const k of ['done', 'id', 'undo', 'was', 'seal']) u.searchParams.delete(k);
  history.replaceState(null, '', u);
}

// Keys, where the person wants them.
if (document.body.dataset.keys === 'on') {
  let at = -1;
  const cards = $$('.card'), item = $('article.item');
  if (cards.length) sessionStorage.setItem('list', JSON.stringify(cards.map(c => c.dataset.item)));
  // On an item: the next one of the list that was seen last.
  const pass = d => {
    const list = JSON.parse(sessionStorage.getItem('list') || '[]'), i = list.indexOf(item.dataset.item);
    if (i >= 0) location.href = list[i + d] ? '/i/' + list[i + d] : '/q';
  };
  const go = d => { if (item) return pass(d); if (!cards.length) return; at = Math.max(0, Math.min(cards.length - 1, at + d)); const a = $('h2 a', cards[at]); a.focus(); cards[at].scrollIntoView({block: 'nearest'}); };
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || (/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && !(e.target.type === 'checkbox' && e.key !== ' '))) return;
    const k = e.key.toLowerCase(), choices = $('.choices'), list = $('#keys');
    if (list.open && k !== '?') return;
    if (k === '?') list.open ? list.close() : list.showModal();
    else if (k === 'f') { if (!point) return; point.focus(); point.scrollIntoView({block: 'nearest'}); }
    else if (film && (k === 'arrowleft' || k === 'arrowright')) step(k === 'arrowleft' ? -1 : 1);
    else if (film && k === ' ' && !/^(BUTTON|SUMMARY|A|VIDEO)$/.test(e.target.tagName)) turn();
    else if (k === 'j') go(1);
    else if (k === 'k') go(-1);
    else if (k === 'a') (approve || (at >= 0 && $('button.main', cards[at])))?.click();
    else if (k === 'r' && choices) { choices.open = true; $('input[name=why]', choices)?.focus(); }
    else if (k === 'h') $('[formaction$="/hold"]')?.click();
    else if (k === 'e') { const d = box?.closest('details'); if (d) { d.open = true; box.focus(); } }
    else if (k === 'z') $('form button', toast || document.createElement('i'))?.click();
    else if (k === '/') { const d = $('.search'); if (d) { d.open = true; $('#t').focus(); } }
    else if (/^[1-9]$/.test(k)) $$('input[name=p]')[k - 1]?.click();
    else return;
    e.preventDefault();
  });
}
// A tap beside the sheet closes it; so does Escape.
const choices = $('.choices');
if (choices) {
  document.addEventListener('click', e => { if (choices.open && !choices.contains(e.target)) choices.open = false; });
  document.addEventListener('keydown', e => { if (e.key === 'Escape') choices.open = false; });
}
})();
