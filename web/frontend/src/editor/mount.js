// The editor of one form field. Its state is the list of typed changes; every step is kept, so any can be undone.
import { canvas } from './canvas.js';
import { applied, areasOf, groundOf, insertedCorner, movedCorner, removedCorner, reshaped, sharing, without } from './changes.js';
import { frameOf } from './frame.js';
import { firstLook } from './first_look.js';
import { listen } from './keys.js';
import { areaTable, changed, cornerTable, el, measured, nameOf } from './panel.js';
import { area, indexIn, onGrid, open, readPoints, toWkt } from './plane.js';
import * as server from './server.js';
import { stepsOf } from './steps.js';
import { verdictOf } from './verdict.js';
import { say } from './words.js';

export async function mount(place) {
  if (place.mounted) return;
  place.mounted = true;
  const input = document.getElementById(place.dataset.input);
  const decimals = Number(place.dataset.decimals || 2);
  const kinds = place.dataset.changes.split(',');
  const may = (kind) => kinds.includes(kind);

  let ground = new Map();
  let partyAreas = [];
  let unnamed = []; // outlines of new land that has no name yet
  let tool = 'edit';
  let chosen = null; // code
  let corner = null; // of the chosen parcel, grasped last
  let picked = new Set(); // to merge
  let live = null; // outlines while dragging
  let clashes = new Set();
  const steps = stepsOf(input.value);
  const { changes } = steps;

  const parts = frameOf(place, may, { press, act, useTyped, showCornerTable, choose: (code) => choose(code, true), drop: dropChosen, merge: mergePicked, drawNew: () => drawNew(unnamed) });
  const { bar, hint, land, typed, follow, approval, approvalBox, parcelList, dropButton, mergeButton, frame, areas, quick, corners, cornerBox } = parts;

  const view = canvas(frame, place, {
    parcels: () => standing(),
    chosen: () => (tool === 'edit' && chosen ? standing().get(chosen) : null),
    grab(held) {
      corner = held.edge ? null : held.corner;
      drawCorners();
    },
    drag(held, to) {
      const outlines = outlinesFor(held, to.at);
      if (!outlines) return;
      live = outlines;
      tell(to.kind === 'corner' ? say('snapped_corner') : to.kind === 'edge' ? say('snapped_edge') : '', Object.keys(outlines).length);
      held.to = to.at;
      draw();
    },
    drop(held) {
      const outlines = live;
      live = null;
      if (held.moved && outlines) {
        corner = held.to;
        reshape(outlines);
      } else draw();
    },
    pick(code) {
      if (tool === 'merge') return togglePicked(code);
      choose(code, false);
    },
  });

  const checkSoon = verdictOf(place, parts, view, changes);

  // --- state

  function standing() {
    const parcels = new Map(applied(ground, changes()).parcels);
    if (live) for (const [code, ring] of Object.entries(live)) parcels.set(code, { ...parcels.get(code), ring });
    return parcels;
  }

  const movable = (parcel) => parcel.own || (follow.checked && may('move_boundary') && parcel.party);

  function step(next) {
    steps.add(next);
    settle();
  }

  const reshape = (outlines) => step(reshaped(ground, changes(), outlines));

  function settle() {
    input.value = changes().length ? JSON.stringify(changes()) : '';
    input.dispatchEvent(new Event('change', { bubbles: true }));
    if (!standing().has(chosen)) chosen = firstOwn();
    if (corner && chosen && indexIn(standing().get(chosen).ring, corner) < 0) corner = null;
    drawAll();
    checkSoon();
  }

  const firstOwn = () => {
    const own = [...standing().values()].filter((parcel) => parcel.own);
    const touched = own.find((parcel) => changed(parcel, ground.get(parcel.code)));
    return (touched || own.find((parcel) => parcel.asked) || own[0])?.code || null;
  };

  // --- corners

  function outlinesFor(held, to) {
    const parcels = standingBefore();
    if (held.edge) {
      const with_ = [...parcels.values()].filter((parcel) => parcel.code === chosen || movable(parcel));
      return insertedCorner(with_, held.edge, to);
    }
    const with_ = sharing(parcels, held.corner, (parcel) => parcel.code === chosen || movable(parcel));
    return with_.some((parcel) => indexIn(parcel.ring, to) >= 0) ? null : movedCorner(with_, held.corner, to);
  }

  const standingBefore = () => applied(ground, changes()).parcels;

  function removeCorner(which) {
    const with_ = sharing(standing(), which, (parcel) => parcel.code === chosen || movable(parcel));
    if (standing().get(chosen).ring.length <= 3) return tell(say('too_few'));
    corner = null;
    reshape(removedCorner(with_, which));
  }

  // --- tools

  // New land may be drawn or typed: what else is asked of it stands beside both.
  function showLand() {
    land.panel.hidden = !may('new_parcel') || (tool !== 'new' && typed.panel.hidden);
  }

  // Outlines that were drawn before the parcel had a name wait for it.
  async function drawNew(outlines) {
    const facts = land.facts();
    if (!facts.name) {
      unnamed = outlines;
      land.button.hidden = false;
      tool = 'edit';
      drawAll();
      land.panel.hidden = false;
      land.name.focus();
      return tell(say('name_first'), 0, true);
    }
    unnamed = [];
    land.button.hidden = true;
    for (const [n, outline] of outlines.entries()) {
      const name = outlines.length > 1 ? `${facts.name}${n + 1}` : facts.name;
      if (!await gesture({ tool: 'new', outline, ...facts, name })) return;
    }
    land.clear();
  }

  function dropChosen() {
    if (chosen) step(without(changes(), chosen));
  }

  function press(name) {
    view.stop();
    if (name === 'typed') {
      typed.panel.hidden = !typed.panel.hidden;
      showLand();
      if (!typed.panel.hidden) typed.text.focus();
      return drawTools();
    }
    tool = name === tool && name !== 'edit' ? 'edit' : name;
    picked = new Set();
    approvalBox.hidden = tool !== 'cut';
    showLand();
    if (tool === 'new') {
      view.draw('Polygon', (points) => (points.length < 3 ? press('new') : drawNew([toWkt({ ring: points })])));
      land.name.focus();
    }
    if (tool === 'merge' && chosen) picked.add(chosen);
    if (['redraw', 'split', 'cut'].includes(tool) && !chosen) tool = 'edit';
    if (tool === 'redraw') view.draw('Polygon', redrawn);
    if (tool === 'split') view.draw('LineString', (points) => gesture({ tool: 'split', parcel: chosen, line: points }));
    if (tool === 'cut') view.draw('Polygon', (points) => cutBy(toWkt({ ring: points })));
    if (tool === 'cut') approval.focus();
    drawAll();
  }

  function act(name) {
    view.stop();
    if (name === 'reset') {
      if (changes().length) step([]);
    } else if (steps[name]()) settle();
  }

  function cancel() {
    if (view.holding()) {
      view.letGo();
      live = null;
    } else if (tool === 'edit') return false;
    view.stop();
    tool = 'edit';
    picked = new Set();
    approvalBox.hidden = true;
    showLand();
    drawAll();
    tell(say('cancelled'));
    return true;
  }

  function redrawn(points) {
    tool = 'edit';
    if (points.length < 3) return tell(say('too_few'));
    reshape({ [chosen]: points });
  }

  async function gesture(body) {
    tool = 'edit';
    drawAll();
    tell(say('checking'));
    try {
      const { change } = await server.ask(place.dataset.drawUrl, { ...body, changes: changes() });
      const made = change.pieces || change.kept || [change.piece || change];
      chosen = made[0]?.code || null;
      step([...changes(), change]);
      if (change.type === 'new_parcel') {
        showLand();
        view.fit([standing().get(chosen).ring]);
        const sides = ['east', 'south', 'west', 'north'].map((side) => change[side] || '—').join('、');
        tell(say('drawn_new', change.name, change.code, sides));
      }
      return true;
    } catch (fault) {
      drawAll();
      tell(fault.told || say('failed'), 0, true);
      return false;
    }
  }

  function cutBy(redLine) {
    if (!approval.value.trim()) {
      tool = 'edit';
      drawAll();
      return tell(say('approval_first'), 0, true);
    }
    approvalBox.hidden = true;
    return gesture({ tool: 'cut', parcel: chosen, red_line: redLine, approval: approval.value });
  }

  function togglePicked(code) {
    const parcel = standing().get(code);
    if (!parcel.own) return tell(say('not_own'), 0, true);
    if (picked.has(code)) picked.delete(code);
    else picked.add(code);
    drawAll();
  }

  function mergePicked() {
    return gesture({ tool: 'merge', parcels: [...picked] });
  }

  async function useTyped(name, text, file) {
    if (!chosen && name !== 'as_new') return tell(say('hint_none'), 0, true);
    if (name === 'as_line') {
      const points = readPoints(text);
      return points && points.length > 1 ? gesture({ tool: 'split', parcel: chosen, line: points }) : tell(say('line_points'), 0, true);
    }
    try {
      const { outlines } = await server.outlines(place.dataset.outlinesUrl, text, file);
      const [ring, ...holes] = outlines[0].map(open);
      if (name === 'as_new') return drawNew(outlines.map((one) => one.map(open)).map(([first, ...rest]) => toWkt({ ring: first, holes: rest })));
      if (name === 'as_red_line') return cutBy(toWkt({ ring, holes }));
      reshape({ [chosen]: ring });
      view.fit([standing().get(chosen).ring]);
      if (outlines.length > 1) tell(say('which_outline', outlines.length));
    } catch (fault) {
      tell(fault.told || say('failed'), 0, true);
    }
  }

  function choose(code, move) {
    const parcel = standing().get(code);
    if (!parcel) return;
    if (!parcel.own) return tell(say('not_own'), 0, true);
    chosen = code;
    corner = null;
    if (['redraw', 'split', 'cut'].includes(tool)) press('edit');
    drawAll();
    if (move) view.fit([parcel.ring]);
  }

  function lookQuickly(parcels) {
    const { said, clashing } = firstLook(parcels, ground);
    clashes = clashing;
    quick.hidden = !said.length;
    quick.textContent = said.slice(0, 4).join('；');
  }

  // --- drawing it all

  function looksLike(parcel) {
    if (picked.has(parcel.code)) return 'picked';
    if (clashes.has(parcel.code)) return 'clash';
    if (parcel.code === chosen) return 'chosen';
    return parcel.own ? 'own' : 'other';
  }

  function draw() {
    const parcels = standing();
    lookQuickly(parcels);
    const rows = [...parcels.values()].map((parcel) => ({ parcel, look: looksLike(parcel), label: parcel.own ? `${nameOf(parcel)}\n${area(parcel).toFixed(2)} m²` : parcel.holder || parcel.name || '' }));
    const gone = [...ground.values()].filter((parcel) => !parcels.has(parcel.code) || changed(parcels.get(parcel.code), parcel));
    view.show([...partyAreas.map((parcel) => ({ parcel, look: 'area', label: '' })), ...rows, ...gone.map((parcel) => ({ parcel, look: 'before', label: '' }))]);
    drawCorners();
    const about = new Set([...gone.map((parcel) => parcel.code), ...[...parcels.values()].filter((one) => one.fresh).map((one) => one.code)]);
    areas.replaceChildren(areaTable([...about].sort().map((code) => ({
      parcel: parcels.get(code) || ground.get(code), before: measured(ground.get(code)), now: measured(parcels.get(code)),
    })), decimals));
  }

  function drawCorners() {
    const parcels = standing();
    const parcel = chosen && tool === 'edit' ? parcels.get(chosen) : null;
    view.showCorners(parcel ? parcel.ring.map((one, n) => ({
      at: one, label: `J${n + 1}`,
      kind: corner && indexIn([corner], one) === 0 ? 'grasped' : sharing(parcels, one).length > 1 ? 'shared' : 'corner',
    })) : []);
  }

  function showCornerTable() {
    const parcels = standing();
    const parcel = chosen && parcels.get(chosen);
    if (!corners.open || !parcel) return;
    cornerBox.replaceChildren(cornerTable(parcel, (one) => sharing(parcels, one).length, {
      place(n, axis, field) {
        const number = Number(field.value.replace(/[，,\s]/g, ''));
        const from = parcel.ring[n];
        if (!field.value.trim() || !Number.isFinite(number) || number <= 0) {
          field.value = String(from[axis]);
          return tell(say('bad_number'), 0, true);
        }
        if (number === from[axis]) return;
        const to = onGrid(axis ? [from[0], number] : [number, from[1]]);
        corner = to;
        const outlines = outlinesFor({ corner: from }, to);
        if (outlines) keepFocus(`[data-corner="${n}"][data-axis="${axis}"]`, () => reshape(outlines));
      },
      insert(n) {
        const [a, b] = [parcel.ring[n], parcel.ring[(n + 1) % parcel.ring.length]];
        const middle = onGrid([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
        keepFocus(`[data-corner="${n + 1}"][data-axis="1"]`, () => reshape(outlinesFor({ edge: [a, b], corner: middle }, middle)));
      },
      remove(n) {
        keepFocus(`[data-corner="${Math.max(0, n - 1)}"][data-axis="1"]`, () => removeCorner(parcel.ring[n]));
      },
    }));
  }

  function keepFocus(selector, deed) {
    deed();
    cornerBox.querySelector(selector)?.focus();
  }

  function drawTools() {
    for (const one of bar.querySelectorAll('[data-tool]')) {
      const on = one.dataset.tool === 'typed' ? !typed.panel.hidden : one.dataset.tool === tool;
      one.setAttribute('aria-pressed', String(on));
    }
    bar.querySelector('[data-act=undo]').disabled = steps.first();
    bar.querySelector('[data-act=redo]').disabled = steps.last();
    bar.querySelector('[data-act=reset]').disabled = !changes().length;
    mergeButton.hidden = tool !== 'merge';
    mergeButton.textContent = say('merge_selected', picked.size);
    mergeButton.disabled = picked.size < 2;
    dropButton.hidden = !changes().some((change) => change.type === 'new_parcel' && change.code === chosen);
    const own = [...standing().values()].filter((parcel) => parcel.own);
    parcelList.replaceChildren(...own.map((parcel) => el('option', { value: parcel.code }, `${nameOf(parcel)} · ${area(parcel).toFixed(2)} m²`)));
    if (chosen) parcelList.value = chosen;
    const first = may('new_parcel') && !own.length;
    const todo = tool === 'edit' && !may('remeasure_parcel') ? 'hint_red_line' : `hint_${tool}`;
    tell(tool === 'new' || chosen ? say(todo) : say(first ? 'hint_draw_first' : 'hint_none'));
  }

  function drawAll() {
    draw();
    drawTools();
    showCornerTable();
  }

  function tell(text, sharedBy = 0, wrong = false) {
    const with_ = sharedBy > 1 ? say('moved_with', sharedBy) : '';
    hint.textContent = [text, with_].filter(Boolean).join(' · ');
    hint.classList.toggle('is-wrong', wrong);
  }

  listen(place, {
    cancel,
    act,
    remove() {
      if (view.drawing()) view.removeLastPoint();
      else if (corner && chosen) removeCorner(corner);
    },
  });

  // --- beginning

  tell(say('loading'));
  try {
    const collection = await server.ground(place.dataset.groundUrl);
    ground = groundOf(collection);
    partyAreas = may('new_parcel') ? areasOf(collection) : [];
  } catch {
    tell(say('load_failed'), 0, true);
    return;
  }
  chosen = firstOwn();
  // Without land of its own: the issuing party's area, else whatever lies there.
  const whereToBegin = () => (partyAreas.length ? partyAreas : [...ground.values()]).map((one) => one.ring);
  const fitted = () => (view.map.getSize() || [0])[0] > 0;
  const begin = () => view.fit(chosen ? [standing().get(chosen).ring] : whereToBegin(), false);
  if (fitted()) begin();
  else view.map.once('change:size', () => window.requestAnimationFrame(begin));
  drawAll();
  if (applied(ground, changes()).lost) tell(say('unreadable'), 0, true);
  if (changes().length) checkSoon();
  place.tianqiEditor = { view, changes, standing, choose };
  place.dataset.ready = 'true';
}
