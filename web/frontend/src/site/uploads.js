// Files in parts (tus 1.0.0): what a broken connection stopped goes on where it stopped, also after the page was left
// and the same file was chosen again. A form says where by data-parts; without JavaScript files come with the form.
const PART = 1024 * 1024;
const LONGEST_WAIT = 30_000;

export function uploadInParts(root) {
  for (const form of root.querySelectorAll('form[data-parts]')) {
    const running = new Set();
    for (const input of form.querySelectorAll('input[type=file][name$="-upload"]')) {
      input.addEventListener('change', () => {
        for (const file of [...input.files]) {
          const one = send(form, input, file).finally(() => running.delete(one));
          running.add(one);
        }
        input.value = '';
      });
    }
    form.addEventListener('submit', async (event) => {
      if (!running.size) return;
      event.preventDefault();
      await Promise.allSettled(running);
      form.requestSubmit(event.submitter);
    });
  }
}

async function send(form, input, file) {
  const name = input.name.replace(/-upload$/, '');
  const row = shown(form, input, file);
  const begin = form.dataset.parts + encodeURIComponent(name);
  const key = `tq-upload ${begin} ${file.name} ${file.size} ${file.lastModified}`;
  try {
    const id = await whole(form, file, begin, key, row);
    row.done(name, id);
  } catch (fault) {
    row.failed(fault.message);
  } finally {
    localStorage.removeItem(key);
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

function shown(form, input, file) {
  const list = input.parentElement.querySelector('ul.tq-files') ?? input.parentElement.insertBefore(document.createElement('ul'), input);
  list.classList.add('tq-files');
  const item = list.appendChild(document.createElement('li'));
  const words = item.appendChild(document.createElement('span'));
  words.textContent = file.name;
  const bar = item.appendChild(document.createElement('progress'));
  bar.className = 'tq-progress';
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute('aria-label', file.name);
  const state = item.appendChild(document.createElement('span'));
  state.className = 'tq-soft';
  state.setAttribute('role', 'status');
  return {
    progress: (share) => { bar.value = share; state.textContent = ` ${Math.round(share * 100)}%`; },
    waiting: () => { state.textContent = ` ${form.dataset.partsWaiting}`; },
    failed: (why) => { bar.remove(); state.textContent = ` ${why}`; state.className = 'govuk-error-message'; },
    done: (name, id) => {
      bar.remove();
      state.textContent = ` ${form.dataset.partsDone}`;
      const kept = item.appendChild(document.createElement('input'));
      kept.type = 'hidden';
      kept.name = name;
      kept.value = id;
    },
  };
}
