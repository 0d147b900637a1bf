
'use strict';
// One clock for all clips, so that before and after, and every pair, are always at the same moment. A clip that is shorter
// than the slider rests on its last frame.
(() => {
  const bar = document.querySelector('.player'), films = [...document.querySelectorAll('.film')];
  if (!bar || !films.length) return;
  const play = bar.querySelector('.play'), slider = bar.querySelector('input'), label = bar.querySelector('output');
  const last = Number(slider.max), fps = Number(bar.dataset.fps);
  let frame = 0, timer = null;
  function draw(film) {
    const strip = film.querySelector('img'), frames = Number(film.dataset.frames);
    const width = strip.naturalWidth / frames, height = strip.naturalHeight;
    if (!width) return;  // a strip that the browser cannot read stays what it is
    let canvas = film.querySelector('canvas');
    if (!canvas) {
      canvas = document.createElement('canvas');
      canvas.className = 'frame';
      canvas.width = width;
      canvas.height = height;
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', strip.alt);
      strip.hidden = true;
      film.appendChild(canvas);
    }
    const i = Math.min(frame, frames - 1);
    canvas.dataset.frame = i;
    canvas.getContext('2d').drawImage(strip, i * width, 0, width, height, 0, 0, width, height);
  }
  function show(to) {
    frame = (to + last + 1) % (last + 1);
    slider.value = frame;
    label.textContent = 'frame ' + (frame + 1) + ' of ' + (last + 1);
    films.forEach(draw);
  }
  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = 'Play';
  }
  function start() {
    timer = setInterval(() => show(frame + 1), 1000 / fps);
    play.textContent = 'Pause';
  }
  const toggle = () => timer ? pause() : start();
  const step = by => { pause(); show(frame + by); };
  play.addEventListener('click', toggle);
  bar.querySelector('.back').addEventListener('click', () => step(-1));
  bar.querySelector('.on').addEventListener('click', () => step(1));
  slider.addEventListener('input', () => { pause(); show(Number(slider.value)); });
  document.addEventListener('keydown', event => {
    // What has keys of its own keeps them.
    if (event.target.closest('button, input, summary, [tabindex]') || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === ' ') toggle();
    else if (event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'ArrowRight') step(1);
    else return;
    event.preventDefault();
  });
  bar.hidden = false;
  Promise.all(films.map(film => film.querySelector('img').decode().catch(() => {}))).then(() => {
    show(0);
    if (last > 0 && !matchMedia('(prefers-reduced-motion: reduce)').matches) start();
  });
})();
