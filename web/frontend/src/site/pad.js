// <div data-pad data-input="id">: a sheet to sign on with finger, pen or mouse. The strokes go into the textarea as
// JSON {width, height, strokes: [[[x, y], ...], ...], pointer}; the server draws the signature from them.
const WIDTH = 600;
const HEIGHT = 200;

function read(input) {
  try {
    const kept = JSON.parse(input.value);
    return Array.isArray(kept.strokes) ? kept : null;
  } catch {
    return null;
  }
}

function draw(context, strokes) {
  context.clearRect(0, 0, WIDTH, HEIGHT);
  context.lineWidth = 4;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.strokeStyle = '#101840';
  for (const stroke of strokes) {
    context.beginPath();
    stroke.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (stroke.length === 1) context.lineTo(stroke[0][0] + 0.1, stroke[0][1]);
    context.stroke();
  }
}

function prepare(pad) {
  const input = document.getElementById(pad.dataset.input);
  const sheet = pad.querySelector('[data-pad-sheet]');
  const clear = pad.querySelector('[data-pad-clear]');
  const state = pad.querySelector('[data-pad-state]');
  const context = sheet.getContext('2d');
  let strokes = (read(input) || { strokes: [] }).strokes;
  let pointer = (read(input) || {}).pointer || 'mouse';
  let current = null;

  function told() {
    input.value = strokes.length ? JSON.stringify({ width: WIDTH, height: HEIGHT, strokes, pointer }) : '';
    state.textContent = strokes.length ? state.dataset.signed : state.dataset.empty;
    draw(context, strokes);
  }

  function place(event) {
    const box = sheet.getBoundingClientRect();
    const x = ((event.clientX - box.left) * WIDTH) / box.width;
    const y = ((event.clientY - box.top) * HEIGHT) / box.height;
    return [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
  }

  sheet.addEventListener('pointerdown', (event) => {
    if (event.button > 0) return;
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    pointer = event.pointerType || 'mouse';
    current = [place(event)];
    strokes.push(current);
  });
  sheet.addEventListener('pointermove', (event) => {
    if (!current) return;
    const points = event.getCoalescedEvents ? event.getCoalescedEvents() : [event];
    for (const one of points.length ? points : [event]) current.push(place(one));
    draw(context, strokes);
  });
  for (const end of ['pointerup', 'pointercancel']) {
    sheet.addEventListener(end, () => {
      current = null;
      told();
    });
  }
  clear.addEventListener('click', () => {
    strokes = [];
    told();
    sheet.focus();
  });
  sheet.hidden = false;
  clear.hidden = false;
  told();
}

export function signOnPads(root) {
  for (const pad of root.querySelectorAll('[data-pad]')) {
    if (pad.dataset.ready) continue;
    pad.dataset.ready = 'on';
    prepare(pad);
  }
}
