// Files in parts (tus 1.0.0): what a broken connection stopped goes on where it stopped, also after the page was left
// and the same file was chosen again: the page says which. What was whole before the page was left is there again.
// A form says where by data-parts; without JavaScript files come with the form.
const PART = 1024 * 1024;
const LONGEST_WAIT = 30_000;

export function uploadInParts(root) {
  for (const form of root.querySelectorAll('form[data-parts]')) {
    const running = new Set();
    for (const input of form.querySelectorAll('input[type=file][name$="-upload"]')) {
      before(form, input);
      input.addEventListener('change', () => {
        for (const file of [...input.files]) {
          const one = send(form, input, file).finally(() => running.delete(one));
          running.add(one);
        }
        input.value = '';
      });
    }
    form.addEventListener('submit', async (event) => {
      if (!running.size) {
        for (const key of form.querySelectorAll('[data-upload-key]')) localStorage.removeItem(key.dataset.uploadKey);
        return;
      }
      event.preventDefault();
      await Promise.allSettled(running);
      form.requestSubmit(event.submitter);
    });
  }
}

const nameOf = (input) => input.name.replace(/-upload$/, '');
const beginOf = (form, input) => form.dataset.parts + encodeURIComponent(nameOf(input));
const prefixOf = (form, input) => `tq-upload ${beginOf(form, input)} `;

async function send(form, input, file) {
  const key = `${prefixOf(form, input)}${file.size} ${file.lastModified} ${file.name}`;
  for (const old of form.querySelectorAll('[data-upload-before]')) if (old.dataset.uploadBefore === key) old.remove();
  const row = shown(form, input, file.name);
  try {
    const id = await whole(form, file, beginOf(form, input), key, row);
    row.done(nameOf(input), id, key);
  } catch (fault) {
    row.failed(fault.message);
    localStorage.removeItem(key);
  }
}

// What was under way here when the page was left.
async function before(form, input) {
  const prefix = prefixOf(form, input);
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(prefix))) {
    const name = key.slice(prefix.length).split(' ').slice(2).join(' ');
    const known = await fetch(localStorage.getItem(key), { headers: { Accept: 'application/json' } }).catch(() => null);
    if (!known) continue; // no connection: it is asked when the file is chosen again
    if (!known.ok) { localStorage.removeItem(key); continue; }
    const { upload } = await known.json();
    if (upload && form.querySelector(`input[type=hidden][value="${CSS.escape(upload)}"]`)) continue;
    const row = shown(form, input, name);
    if (upload) row.done(nameOf(input), upload, key);
    else row.stopped(key, Number(known.headers.get('Upload-Offset')) / Number(known.headers.get('Upload-Length')));
  }
}

async function whole(form, file, begin, key, row) {
  let place = localStorage.getItem(key);
  let offset = 0;
  for (let tries = 0; ; ) {
    try {
      if (!place) {
        place = await created(form, file, begin);
        localStorage.setItem(key, place);
        offset = 0;
      } else {
        const known = await fetch(place, { headers: { Accept: 'application/json' } });
        if (known.status === 404) { place = null; continue; }
        if (!known.ok) throw new Error(`${known.status}`);
        const { upload } = await known.json();
        if (upload) return upload;
        offset = Number(known.headers.get('Upload-Offset'));
      }
      while (offset < file.size) {
        const answer = await asked(form, 'PATCH', place, {
          'Content-Type': 'application/offset+octet-stream',
          'Upload-Offset': String(offset),
        }, file.slice(offset, offset + PART));
        if (answer.status === 409) break; // somebody sent this part already: ask how far it is
        const told = await answer.json();
        offset = Number(answer.headers.get('Upload-Offset'));
        tries = 0;
        row.progress(offset / file.size);
        if (told.upload) return told.upload;
      }
    } catch (fault) {
      if (fault instanceof Refused) throw fault;
      tries += 1;
      row.waiting();
      await pause(Math.min(LONGEST_WAIT, 1000 * 2 ** tries));
    }
  }
}

class Refused extends Error {}

async function created(form, file, begin) {
  const name = btoa(String.fromCharCode(...new TextEncoder().encode(file.name)));
  const answer = await asked(form, 'POST', begin, {
    'Upload-Length': String(file.size),
    'Upload-Metadata': `filename ${name}`,
  });
  return answer.headers.get('Location');
}

async function asked(form, method, place, headers, body) {
  const token = form.querySelector('[name=csrf_token]')?.value ?? '';
  const answer = await fetch(place, {
    method, body, redirect: 'error',
    headers: { 'Tus-Resumable': '1.0.0', 'X-CSRFToken': token, ...headers },
  });
  if (answer.ok || answer.status === 409) return answer;
  if (answer.status >= 500 || answer.status === 429) throw new Error(`${answer.status}`);
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.message ?? form.dataset.partsFailed);
}

// Until the wait is over, or the connection is there again.
function pause(milliseconds) {
  return new Promise((go) => {
    const timer = setTimeout(go, milliseconds);
    window.addEventListener('online', () => { clearTimeout(timer); go(); }, { once: true });
  });
}

function shown(form, input, name) {
  const list = input.parentElement.querySelector('ul.tq-files') ?? input.parentElement.insertBefore(document.createElement('ul'), input);
  list.classList.add('tq-files');
  const item = list.appendChild(document.createElement('li'));
  const words = item.appendChild(document.createElement('span'));
  words.textContent = name;
  const bar = item.appendChild(document.createElement('progress'));
  bar.className = 'tq-progress';
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute('aria-label', name);
  const state = item.appendChild(document.createElement('span'));
  state.className = 'tq-soft';
  state.setAttribute('role', 'status');
  return {
    progress: (share) => { bar.value = share; state.textContent = ` ${Math.round(share * 100)}%`; },
    waiting: () => { state.textContent = ` ${form.dataset.partsWaiting}`; },
    failed: (why) => { bar.remove(); state.textContent = ` ${why}`; state.className = 'govuk-error-message'; },
    stopped: (key, share) => {
      bar.value = share;
      item.dataset.uploadBefore = key;
      state.textContent = ` ${form.dataset.partsStopped.replace('{n}', `${Math.round(share * 100)}%`)}`;
    },
    done: (field, id, key) => {
      bar.remove();
      item.dataset.uploadKey = key;
      state.textContent = ` ${form.dataset.partsDone}`;
      const kept = item.appendChild(document.createElement('input'));
      kept.type = 'hidden';
      kept.name = field;
      kept.value = id;
    },
  };
}
