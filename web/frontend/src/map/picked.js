// [data-map-picked="map id"] says which parcel was picked on that map and who holds it, with the way there.
export function tellPicked(place, source) {
  const told = document.querySelector(`[data-map-picked="${place.id}"]`);
  if (!told) return;
  const before = told.textContent;
  place.addEventListener('parcel:selected', (event) => {
    const code = event.detail.code;
    const feature = code && source.getFeatures().find((one) => one.get('code') === code);
    if (!feature) {
      told.textContent = before;
      return;
    }
    const words = [code, feature.get('name'), feature.get('area')].filter(Boolean).join(' · ');
    told.replaceChildren(words);
    if (!feature.get('holder')) return;
    told.append(' · ');
    if (!feature.get('href')) return void told.append(feature.get('holder'));
    told.append(Object.assign(document.createElement('a'), { className: 'govuk-link', href: feature.get('href'), textContent: feature.get('holder') }));
  });
}
