
'use strict';
// What is drawn of a curve: its mean over the updates around each point and the 95 % interval of that mean; and which
// curves share a chart. No drawing here.
const drf = (() => {
  // width in updates; a point counts the points of at most (width - 1) / 2 updates to both sides. low and high are null
  // where fewer than three count.
  function smooth(x, y, width) {
    const half = (width - 1) / 2, n = x.length, mean = new Array(n), low = new Array(n), high = new Array(n);
    let centre = 0, known = 0;
    for (const v of y) if (v !== null) centre += (v - centre) / ++known;  // sums of squares about it do not cancel
    const least = 1e-8 * Math.max(...y.map(v => Math.abs(v ?? 0)), 0);  // less is what adding and taking away left
    let begin = 0, end = 0, count = 0, sum = 0, squares = 0;
    const take = (v, sign) => {
      if (v === null) return;
      count += sign;
      sum += sign * (v - centre);
      squares += sign * (v - centre) ** 2;
    };
    for (let i = 0; i < n; ++i) {
      while (end < n && x[end] <= x[i] + half) take(y[end++], 1);
      while (x[begin] < x[i] - half) take(y[begin++], -1);
      const m = sum / count, sd = Math.sqrt(Math.max(0, (squares - sum * m) / (count - 1)));
      mean[i] = count && y[i] !== null ? (Math.abs(centre + m) < least ? 0 : centre + m) : null;
      const wide = count >= 3 && mean[i] !== null ? 1.96 * sd / Math.sqrt(count) : null;
      low[i] = wide === null ? null : mean[i] - wide;
      high[i] = wide === null ? null : mean[i] + wide;
    }
    return {mean, low, high};
  }

  // [first, last] of marks, in order, between which every one of `x` is marked.
  function spans(marks, x) {
    const found = [];
    let next = -Infinity, k = 0;
    for (const mark of marks) {
      if (found.length && mark <= next) found[found.length - 1][1] = mark;
      else found.push([mark, mark]);
      while (k < x.length && x[k] <= mark) ++k;
      next = k < x.length ? x[k] : Infinity;
    }
    return found;
  }

  // The first group that takes a key has it; `name` is what the chart calls it.
  const stages = {d_frames_norm: 'at the frames', d_x0_norm: 'at x0, through the decoder', d_xK_norm: 'at x_K, through the steps',
    grad_norm: 'in what is trained'};
  const rest = n => k => k.slice(n);
  const groups = [
    ['Reward', /^reward$/, () => 'reward'],
    ['On held-out prompts: reward', /^held_out_reward$/, () => 'reward'],
    ['Rewards by name, before their weights', /^reward\//, rest(7)],
    ['On held-out prompts: rewards by name', /^held_out_reward\//, rest(16)],
    ['Reward by aspect', /^reward_/, rest(7)],
    ['The critic\'s answers: probabilities', /^(held_out_)?(p_right|p_yes|certain)$/, k => k],
    ['Right answers, by aspect', /^(held_out_)?p_right_[A-Z]+$/, k => k.replace('p_right_', '')],
    ['Right answers of further critics, by aspect', /^(held_out_)?p_right_[A-Z]+\//, k => k.replace('p_right_', '')],
    ['Answers of further critics: probabilities', /^(held_out_)?(p_right|p_yes|certain)\/(?!trained$|held_out$|paraphrases$)/, k => k],
    ['Pairs that a surrogate ranks as its teacher', /^(held_out_)?rank_accuracy\//, k => k.replace('rank_accuracy/', '')],
    ['Gradient norms by stage', /^(d_frames_norm|d_x0_norm|d_xK_norm|grad_norm)$/, k => stages[k], true],
    ['Gradient norms by step', /^d_x_norm\//, k => 'through the last ' + (k === 'd_x_norm/1' ? 'step' : k.slice(9) + ' steps'), true],
    ['Saturated pixels, penalty out of range', /^(saturation|out_of_range)$/, k => k],
    ['Seconds an update, by stage', /^(?!held_out_)[^/]*_s$|^seconds$/, k => k.replace(/_s$/, '')],
    ['Share of the machine\'s matrix rate', /^share_of_peak$/, k => k],
    ['Most tensor memory, GiB', /^peak_gib$/, () => 'GiB'],
    ['Rate', /^lr$/, () => 'rate'],
    ['Other measures on held-out prompts', /^held_out_/, rest(9)],
  ];

  // [{title, log, lines: [{run, key, name, color}]}] of data.runs. One run: a group is a chart. Several: a measure is.
  function charts(runs) {
    const found = groups.map(() => new Set()), other = [];
    for (const run of runs)
      for (const key of Object.keys(run.curves)) {
        if (!run.curves[key][1].some(v => v !== null)) continue;
        const g = groups.findIndex(group => group[1].test(key));
        if (g >= 0) found[g].add(key);
        else if (!other.includes(key)) other.push(key);
      }
    const all = [];
    const chart = (title, log, keys, name) => {
      const lines = [];
      for (const key of keys)
        runs.forEach((run, r) => {
          if (!Object.prototype.hasOwnProperty.call(run.curves, key)) return;
          lines.push({run: r, key, name: runs.length > 1 ? run.name : name(key), color: runs.length > 1 ? r : lines.length});
        });
      all.push({title, log, lines});
    };
    groups.forEach(([title, , name, log], g) => {
      const order = Object.keys(stages), keys = [...found[g]].sort((a, b) => order.indexOf(a) - order.indexOf(b) || a.localeCompare(b, 'en', {numeric: true}));
      if (!keys.length) return;
      if (runs.length === 1) chart(title, !!log, keys, name);
      else for (const key of keys) chart(keys.length > 1 ? title + ': ' + name(key) : title, !!log, [key], name);
    });
    for (const key of other.sort()) chart(key, false, [key], k => k);
    return all;
  }
  return {smooth, spans, charts, drawn: [], zoomed: false};  // drawn: the charts in the page; zoomed: part of the run is looked at
})();
