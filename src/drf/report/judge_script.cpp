#include "drf/report/judge_page.h"

namespace drf::report {
namespace {

// One prompt at a time is in the document. `state` is what is kept: marks by the question's place in its file
// ([verdict, fact or null]), missed facts by prompt; each act is a list of old values, which undo puts back.
constexpr const char* kScript = R"JS(
'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const $ = id => document.getElementById(id);
const prompts = data.prompts, valid = data.verdicts[0][0], key = 'drf-judge:' + data.key;
const total = prompts.reduce((n, p) => n + p.q.length, 0);
let state = {marks: {}, missed: {}}, at = 0, row = 0, history = [], stored = true, exported = true;

function own(map, name) { return Object.prototype.hasOwnProperty.call(map, name) ? map[name] : undefined; }
function markOf(q) { return own(state.marks, q.i); }
function missedOf(p) { return own(state.missed, p.p) || {facts: [], whole: false}; }
function whole(p) { return !data.facts || missedOf(p).whole; }
function open(p) { return !whole(p) || p.q.some(q => !markOf(q)); }
// Whether it counts as a fact by itself: twins and paraphrases ask what another question asks.
function asksFact(q) { return q.w === 'Yes' && !q.o; }
function fact(q, mark) {
  if (q.a !== 'TA' || q.k !== 'yes_no' || !mark || mark[0] !== valid) return null;
  return mark[1] === null ? asksFact(q) : mark[1];
}

// What a damaged store holds is left out: only marks and facts of the right form are taken.
function load() {
  let text = null;
  try { text = localStorage.getItem(key); } catch (e) { stored = false; }
  if (text === null) return false;
  try {
    const old = JSON.parse(text), names = data.verdicts.map(v => v[0]), fresh = {marks: {}, missed: {}};
    for (const [i, m] of Object.entries(old.marks))
      if (Array.isArray(m) && names.includes(m[0])) fresh.marks[i] = [m[0], typeof m[1] === 'boolean' ? m[1] : null];
    for (const [p, m] of Object.entries(old.missed))
      if (m && Array.isArray(m.facts))
        fresh.missed[p] = {facts: m.facts.filter(f => typeof f === 'string' && f.trim()), whole: m.whole === true};
    state = fresh;
    return true;
  } catch (e) { return false; }
}
function save() {
  exported = false;
  try { localStorage.setItem(key, JSON.stringify(state)); stored = true; } catch (e) { stored = false; }
}
function preset() {
  for (const p of prompts) {
    if (p.missed.length || p.whole) state.missed[p.p] = {facts: p.missed, whole: p.whole};
    for (const q of p.q) if (q.v) state.marks[q.i] = [q.v, q.f === undefined ? null : q.f];
  }
}

// changes: [map, name, new value or undefined].
function act(changes) {
  const back = changes.map(([map, name]) => [map, name, own(state[map], name)]);
  if (!changes.length) return;
  history.push({back, at, row});
  apply(changes);
}
function apply(changes) {
  for (const [map, name, value] of changes)
    if (value === undefined) delete state[map][name]; else state[map][name] = value;
  save();
}
function undo() {
  const last = history.pop();
  if (!last) return say('nothing to undo');
  apply(last.back);
  at = last.at;
  row = last.row;
  say('undone');
}

function current() { return prompts[at].q[row]; }
function mark(q, verdict) { return ['marks', q.i, [verdict, null]]; }
function judge(verdict) {
  const q = current();
  if (!q) return say(data.facts ? 'Enter: no (further) fact is missed; m: add one' : 'n: the next prompt');
  act([mark(q, verdict)]);
  say(verdict);
  ++row;
  settle();
}
function rest() {
  act(prompts[at].q.filter(q => !markOf(q)).map(q => mark(q, valid)));
  row = prompts[at].q.length;
  settle();
}
// Where nobody asks for missed facts, the row behind the last question is the next prompt.
function settle() {
  if (row >= prompts[at].q.length && !data.facts) onward();
}
function toggleFact() {
  const q = current(), m = q && markOf(q), counts = q ? fact(q, m) : null;
  if (counts === null) return say('for valid yes/no questions of the aspect TA');
  act([['marks', q.i, [m[0], counts === asksFact(q) ? !counts : null]]]);
}
function setMissed(facts, done) { act([['missed', prompts[at].p, {facts, whole: done}]]); }
function closePrompt() {
  if (!data.facts) return onward();
  if (!missedOf(prompts[at]).whole) setMissed(missedOf(prompts[at]).facts, true);
  $('fact').blur();
  onward();
}
function onward() {
  for (let step = 1; step <= prompts.length; ++step) {
    const i = (at + step) % prompts.length;
    if (open(prompts[i])) return go(i);
  }
  if (!open(prompts[at])) { say('every question is judged'); scrollTo(0, 0); } else go(at);
}
function go(i) {
  at = Math.max(0, Math.min(prompts.length - 1, i));
  const first = prompts[at].q.findIndex(q => !markOf(q));
  row = first >= 0 ? first : (whole(prompts[at]) ? 0 : prompts[at].q.length);
  scrollTo(0, 0);
}
function move(by) { row = Math.max(0, Math.min(prompts[at].q.length - (data.facts ? 0 : 1), row + by)); }

function exportMarks() {
  const lines = [data.header];
  for (const p of prompts) {
    const marked = p.q.filter(markOf), missed = missedOf(p);
    if (!marked.length && !missed.whole && !missed.facts.length) continue;
    lines.push(JSON.stringify({prompt: p.p, prompt_text: p.t, missed: missed.facts, whole: missed.whole}));
    for (const q of marked) {
      const m = markOf(q), line = {id: q.id, prompt: p.p, aspect: q.a, kind: q.k, text: q.t, answer: q.w, verdict: m[0]};
      if (m[1] !== null && fact(q, m) !== null) line.fact = m[1];
      lines.push(JSON.stringify(line));
    }
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([lines.join('\n') + '\n'], {type: 'application/jsonl'}));
  link.download = 'marks.jsonl';
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  exported = true;
  say('marks.jsonl is exported');
}

function element(tag, text, kind) {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  if (kind) e.className = kind;
  return e;
}
function isolated(tag, text, kind) {
  const e = element(tag, text, kind);
  e.dir = 'auto';
  return e;
}
function say(text) { $('said').textContent = text; }
function rowOf(q, i) {
  const m = markOf(q), li = element('li', undefined, m ? (m[0] === valid ? 'valid' : 'wrong') : '');
  const line = element('span');
  line.append(isolated('bdi', q.t, 'text'), ' ');
  line.append(isolated('bdi', q.k === 'dense' ? '\u2192 ' + q.w : q.w, 'answer' + (q.w === 'No' ? ' no' : '')));
  if (fact(q, m)) line.append(' ', element('span', '\u00b7\u00a0fact', 'fact'));
  li.append(element('span', q.a, 'aspect'), line, element('span', m ? (m[0] === valid ? '\u2713' : '\u2717 ' + m[0]) : '', 'mark'));
  if (q.o) li.append(isolated('span', 'in other words: ' + prompts[at].q.find(other => other.id === q.o).t, 'clip'));
  if (q.r) li.append(isolated('span', 'shown beside ' + q.r, 'clip'));
  if (i === row) li.setAttribute('aria-current', 'true');
  li.addEventListener('click', () => { row = i; draw(); });
  return li;
}
function draw() {
  const p = prompts[at], judged = prompts.reduce((n, x) => n + x.q.filter(markOf).length, 0), missed = missedOf(p);
  const left = prompts.filter(open).length;
  $('title').textContent = data.title + (data.note ? ' (' + data.note + ')' : '');
  $('kept').textContent = stored ? 'kept in this browser' : 'NOT kept by this browser: export before you close the page';
  $('kept').className = stored ? '' : 'lost';
  $('bar').max = total || 1;
  $('bar').value = judged;
  $('where').textContent = 'prompt ' + (at + 1) + ' of ' + prompts.length;
  $('count').textContent = judged + ' of ' + total + ' questions judged, ' + left + (left === 1 ? ' prompt' : ' prompts') + ' open';
  $('prompt').textContent = p.t;
  $('list').replaceChildren(...p.q.map(rowOf));
  $('missed').hidden = !data.facts;
  $('ask').textContent = missed.whole ? (missed.facts.length ? 'Missed facts:' : 'No fact is missed.')
                                      : 'Which facts does the prompt state that no valid question asks?';
  $('facts').replaceChildren(...missed.facts.map((f, i) => {
    const li = isolated('li', f), drop = element('button', 'remove');
    drop.type = 'button';
    drop.addEventListener('click', () => { setMissed(missed.facts.filter((_, j) => j !== i), missed.whole); draw(); });
    li.append(' ', drop);
    return li;
  }));
  if (row >= p.q.length) $('missed').setAttribute('aria-current', 'true'); else $('missed').removeAttribute('aria-current');
  $('done').hidden = left > 0;
  // What is current stands between the two bars, however tall they are.
  const root = document.documentElement.style, under = document.querySelector('footer').offsetHeight + 8 + 'px';
  root.scrollPaddingTop = document.querySelector('header').offsetHeight + 8 + 'px';
  root.scrollPaddingBottom = document.body.style.paddingBottom = under;
  const now = document.querySelector('main [aria-current]');
  if (now) now.scrollIntoView({block: 'nearest'});
}

const acts = {
  valid: () => judge(valid), rest, undo, export: exportMarks, next: () => go(at + 1), whole: closePrompt,
  wrong: () => { if (current()) $('kinds').hidden = false; },
  missed: () => { row = prompts[at].q.length; draw(); $('fact').focus(); },
  help: () => { $('help').hidden = !$('help').hidden; },
};
const keys = {
  v: acts.valid, x: acts.wrong, a: acts.rest, u: acts.undo, m: acts.missed, e: acts.export, f: toggleFact, o: onward,
  n: acts.next, p: () => go(at - 1), j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  ArrowRight: acts.next, ArrowLeft: () => go(at - 1), '?': acts.help,
  Enter: () => { if (!current()) closePrompt(); },
};
data.verdicts.slice(1).forEach(([name, meaning], i) => {
  const button = element('button'), choose = () => { $('kinds').hidden = true; judge(name); };
  button.type = 'button';
  button.append(element('kbd', String(i + 1)), ' ' + name, element('small', meaning));
  button.addEventListener('click', () => { choose(); draw(); });
  $('kinds').append(button);
  keys[i + 1] = choose;
});
document.addEventListener('click', event => {
  const button = event.target.closest('[data-act]');
  if (!button) return;
  if (button.dataset.act !== 'wrong') $('kinds').hidden = true;
  acts[button.dataset.act]();
  draw();
});
$('add').addEventListener('submit', event => {
  event.preventDefault();
  const text = $('fact').value.trim();
  if (text) setMissed([...missedOf(prompts[at]).facts, text], missedOf(prompts[at]).whole); else closePrompt();
  $('fact').value = '';
  draw();
});
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === 'Escape') {
    $('kinds').hidden = $('help').hidden = true;
    $('fact').blur();
    return draw();
  }
  if (event.target === $('fact') || (event.key === 'Enter' && event.target.closest('button'))) return;
  // A keyboard of another script or row of digits has the key in the same place.
  const letter = event.key.length === 1 && event.key > '~' ? event.code.replace('Key', '') : event.key;
  const digit = event.shiftKey ? '' : event.code.replace('Digit', '');
  const name = letter.length === 1 ? letter.toLowerCase() : letter, todo = own(keys, name) || own(keys, digit);
  if (!todo) return;
  event.preventDefault();
  document.body.classList.add('keys');
  if (event.repeat && !['j', 'k', 'n', 'p', 'u'].includes(name) && !name.startsWith('Arrow')) return;
  if (name !== 'x') $('kinds').hidden = true;
  todo();
  draw();
});
addEventListener('storage', event => { if (event.key === key && load()) { history = []; draw(); } });
addEventListener('beforeunload', event => { if (!stored && !exported) event.preventDefault(); });

if (!load()) preset();
go(Math.max(0, prompts.findIndex(open)));
draw();
})();
)JS";

}  // namespace

const char* judge_script() { return kScript; }

}  // namespace drf::report
