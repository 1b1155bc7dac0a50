// The editor's keys: Escape gives up, Ctrl+Z and Ctrl+Y step back and forth, Delete takes a corner away.
export function listen(place, { cancel, act, remove }) {
  place.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input, textarea, select');
    const key = event.key.toLowerCase();
    if (key === 'escape' && cancel()) event.preventDefault();
    else if ((event.ctrlKey || event.metaKey) && !typing && ['z', 'y'].includes(key)) {
      event.preventDefault();
      act(key === 'y' || event.shiftKey ? 'redo' : 'undo');
    } else if (['delete', 'backspace'].includes(key) && !typing) {
      event.preventDefault();
      remove();
    } else if (key === 'enter' && event.target.tagName === 'INPUT') event.preventDefault(); // sends no form
  });
}
