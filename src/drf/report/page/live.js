
'use strict';
// A page that follows its run: every few seconds it asks its server what changed. Curves, alarms and cost are put in
// place; for new clips, questions or charts the page opens itself again, with what was chosen on it.
(() => {
  const line = document.getElementById('live'), EVERY = 3000, PATIENCE = 3;
  const key = 'drf ' + location.pathname;
  let stamp = line.dataset.stamp, failed = 0;

  // What may be chosen on the page, by section and place there: a section that is new takes nothing from the others.
  const controls = new Map();
  for (const section of document.querySelectorAll('section'))
    [...section.querySelectorAll('input, select')].filter(e => !e.closest('.player'))
      .forEach((e, i) => controls.set(section.id + ' ' + i + ' ' + (e.options ? e.options.length : e.type), e));
  const state = e => e.type === 'checkbox' ? e.checked : e.options ? e.selectedIndex : e.value;
  function remember() {
    try {
      sessionStorage.setItem(key, JSON.stringify([...controls].map(([name, e]) => [name, state(e)])));
    } catch {}  // a browser that keeps nothing
  }
  function restore() {
    let kept = [];
    try {
      kept = JSON.parse(sessionStorage.getItem(key)) || [];
      sessionStorage.removeItem(key);
    } catch {}
    for (const [name, value] of kept) {
      const e = controls.get(name);
      if (!e || state(e) === value) continue;
      if (e.type === 'checkbox') e.checked = value;
      else if (e.options) e.selectedIndex = value;
      else e.value = value;
      e.dispatchEvent(new Event(e.options ? 'change' : 'input'));
    }
  }
  const same = data => JSON.stringify(drf.charts(data.runs)) === JSON.stringify(drf.drawn.map(drawn => drawn.chart));

  async function ask() {
    const answer = await fetch('/live?' + stamp);
    if (answer.status !== 200) return;  // nothing is new, or it will be made
    const parts = await answer.json();
    if (parts.clips !== line.dataset.clips || !same(parts.data)) {
      remember();
      location.reload();
      return true;
    }
    stamp = parts.stamp;
    if (drf.update) drf.update(parts.data);
    const alarms = document.getElementById('alarms'), cost = document.getElementById('cost');
    if (alarms) alarms.innerHTML = parts.alarms;
    if (cost && parts.cost) cost.outerHTML = parts.cost;
  }
  function follow() {
    ask().then(reloads => {
      failed = 0;
      if (!reloads) setTimeout(follow, EVERY);
    }, () => {
      if (++failed < PATIENCE) return setTimeout(follow, EVERY);
      line.textContent = 'The run has ended or cannot be reached: this is its last page here. report.html in its folder is the whole.';
    });
  }
  restore();
  setTimeout(follow, EVERY);
})();
