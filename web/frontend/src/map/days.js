// The slider over days: what is shown follows it, lists of the page once it rests.
const PAUSE = 350;
const DAY = 86400000;

export function days(show, rested) {
  const place = document.querySelector('[data-map-days]');
  const range = place?.querySelector('input');
  if (!range || Number(range.max) < 1) return;
  place.hidden = false;
  const told = place.querySelector('output');
  const chosen = () => new Date(Date.parse(range.dataset.first) + Number(range.value) * DAY).toISOString().slice(0, 10);
  const today = () => range.value === range.max;
  let waiting;
  const say = () => { told.textContent = chosen(); range.setAttribute('aria-valuetext', chosen()); };
  say();
  range.addEventListener('input', () => {
    say();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const day = today() ? '' : chosen();
      const field = document.getElementById('f-day'); // the search goes on with the day that is shown
      if (field) field.value = day;
      show(day);
      rested(day);
    }, PAUSE);
  });
}
