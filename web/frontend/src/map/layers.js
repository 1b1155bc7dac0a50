// The switches under the map, which are its legend as well: a Set of what is shown.
const ON_AT_FIRST = (box) => box.defaultChecked;

export function switches(turned, changed) {
  const place = document.querySelector('[data-map-layers]');
  const boxes = [...(place?.querySelectorAll('input') || [])];
  if (place) place.hidden = false;
  for (const box of boxes) box.checked = turned.includes(box.value) ? !ON_AT_FIRST(box) : ON_AT_FIRST(box);
  const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  for (const box of boxes) {
    box.addEventListener('change', () => {
      if (box.checked) shown.add(box.value);
      else shown.delete(box.value);
      changed();
    });
  }
  // What is under way is known of today alone.
  const onlyToday = (past) => {
    for (const box of boxes) if (['cases', 'holds'].includes(box.value)) box.disabled = past;
    const told = place?.querySelector('[data-map-marks-now]');
    if (told) told.hidden = !past;
  };
  return { shown, onlyToday, turned: () => boxes.filter((box) => box.checked !== ON_AT_FIRST(box)).map((box) => box.value) };
}
