// Repeated groups: add and remove rows in place. Without JavaScript the same buttons post the form.

function renumber(group) {
  [...group.querySelectorAll('[data-row-number]')].forEach((mark, index) => { mark.textContent = mark.dataset.rowNumber.replace('{n}', String(index + 1)); });
}

function add(group) {
  const template = group.querySelector('template[data-row-template]');
  const next = Number(group.dataset.next || group.querySelectorAll('[data-row]').length);
  group.dataset.next = String(next + 1);
  const holder = document.createElement('div');
  holder.innerHTML = template.innerHTML.replaceAll('__row__', String(next));
  const row = holder.firstElementChild;
  group.querySelector('[data-rows]').append(row);
  row.querySelector('input, select, textarea')?.focus();
}

export function editRows(root) {
  for (const group of root.querySelectorAll('[data-row-group]')) {
    if (group.dataset.improved) continue;
    group.dataset.improved = 'on';
    group.addEventListener('click', (event) => {
      const button = event.target.closest('button[name="_rows"]');
      if (!button || button.value.startsWith('show:')) return; // what lists things asks the server
      const removing = button.value.startsWith('remove:');
      if (!removing && group.querySelectorAll('[data-row]').length >= Number(group.dataset.most)) return;
      event.preventDefault();
      if (removing) button.closest('[data-row]').remove();
      else add(group);
      renumber(group);
      group.dispatchEvent(new Event('rows:changed', { bubbles: true }));
      group.dispatchEvent(new Event('change', { bubbles: true }));
      if (removing) group.querySelector('button[value^="add:"]')?.focus();
    });
  }
}
