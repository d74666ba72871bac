// Applies the reader's choice of light or dark before the page is drawn, and lets the button change it.
(() => {
  const root = document.documentElement
  const chosen = () => { try { return localStorage.getItem('theme') } catch { return null } }
  const theme = chosen()
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
  document.addEventListener('DOMContentLoaded', () => {
    const button = document.querySelector('[data-theme-button]')
    if (!button) return
    const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
    const show = () => button.setAttribute('aria-pressed', String(isDark()))
    show()
    button.hidden = false
    button.addEventListener('click', () => {
      root.dataset.theme = isDark() ? 'light' : 'dark'
      try { localStorage.setItem('theme', root.dataset.theme) } catch { /* private mode: the choice lasts for this page */ }
      show()
    })
  })
})()
