// Fetches a large drawing when it comes near the window; into the page, so that it follows the page's theme.

async function fetchInto(place: HTMLElement): Promise<void> {
  const response = await fetch(place.dataset['drawing'] ?? '')
  if (response.ok) place.innerHTML = await response.text()
  else place.textContent = `The drawing could not be loaded: ${response.status} ${response.statusText}.`
}

const near = new IntersectionObserver(
  entries => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue
      near.unobserve(target)
      fetchInto(target as HTMLElement).catch(() => {
        target.textContent = 'The drawing could not be loaded. Reload the page to try again.'
      })
    }
  },
  { rootMargin: '400px' },
)
for (const place of document.querySelectorAll<HTMLElement>('[data-drawing]')) near.observe(place)

export {}
