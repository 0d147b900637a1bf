
'use strict';
// One clock for all clips, so that before and after, and every pair, are always at the same moment. A clip that is shorter
// than the slider rests on its last frame. What is chosen of where the critic looked is laid over both.
(() => {
  const bar = document.querySelector('.player'), films = [...document.querySelectorAll('.film')];
  if (!bar || !films.length) return;
  const play = bar.querySelector('.play'), slider = bar.querySelector('input'), label = bar.querySelector('output');
  const last = Number(slider.max), fps = Number(bar.dataset.fps);
  let frame = 0, timer = null;

  // Gray cells as a glow: from a dark red to yellow, transparent where there is little.
  const glows = new Map();
  function glowOf(picture) {
    if (glows.has(picture)) return glows.get(picture);
    const glow = document.createElement('canvas'), ink = glow.getContext('2d');
    glow.width = picture.naturalWidth;
    glow.height = picture.naturalHeight;
    ink.drawImage(picture, 0, 0);
    const cells = ink.getImageData(0, 0, glow.width, glow.height), all = cells.data;
    for (let i = 0; i < all.length; i += 4) {
      const v = all[i] / 255;
      all[i + 3] = 255 * v;
      all[i] = 255;
      all[i + 1] = 255 * v * v;
      all[i + 2] = 0;
    }
    ink.putImageData(cells, 0, 0);
    glows.set(picture, glow);
    return glow;
  }
  function drawLook(film, ink, i, width, height) {
    const picture = film.look;
    if (!picture || !picture.naturalWidth) return;
    ink.imageSmoothingEnabled = false;  // or cells of the next frame, or of the other clip, would shine in
    const cells = picture.naturalWidth / Number(film.dataset.frames) / 2, clip = (width - Number(film.dataset.gap)) / 2;
    for (const [from, to] of [[0, 0], [cells, width - clip]]) {
      ink.fillStyle = 'rgba(0,0,0,.55)';
      ink.fillRect(to, 0, clip, height);
      ink.drawImage(glowOf(picture), 2 * cells * i + from, 0, cells, picture.naturalHeight, to, 0, clip, height);
    }
  }
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
    const ink = canvas.getContext('2d');
    ink.drawImage(strip, i * width, 0, width, height, 0, 0, width, height);
    drawLook(film, ink, i, width, height);
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
    if (event.target.closest('button, input, select, summary, [tabindex]') || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === ' ') toggle();
    else if (event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'ArrowRight') step(1);
    else return;
    event.preventDefault();
  });
  for (const film of films) {
    const list = film.parentNode.querySelector('label.look');
    if (!list) continue;
    const pictures = film.querySelectorAll('img.look'), chosen = list.querySelector('select');
    list.hidden = false;
    chosen.addEventListener('change', () => {
      film.look = chosen.selectedIndex > 0 ? pictures[chosen.selectedIndex - 1] : null;
      const then = () => draw(film);
      film.look ? film.look.decode().then(then, then) : then();
    });
  }
  bar.hidden = false;
  Promise.all(films.map(film => film.querySelector('img').decode().catch(() => {}))).then(() => {
    show(0);
    if (last > 0 && !matchMedia('(prefers-reduced-motion: reduce)').matches) start();
  });
})();
