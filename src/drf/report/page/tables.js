
'use strict';
// Tables that sort by a column when its name is pressed (numbers by size, largest first at the first press; text by
// letters), and the words that a list of questions is searched for.
(() => {
  function sorted(table, column, header) {
    const body = table.tBodies[0], rows = [...body.rows], text = row => row.cells[column].textContent;
    const numbers = rows.every(row => text(row) === '-' || Number.isFinite(Number(text(row))));
    const before = header.getAttribute('aria-sort');
    const down = before ? before === 'ascending' : numbers;
    const value = row => text(row) === '-' ? NaN : Number(text(row));
    rows.sort((a, b) => {
      if (!numbers) return (down ? -1 : 1) * text(a).localeCompare(text(b));
      const left = value(a), right = value(b);
      if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) - Number.isNaN(right);  // none stands last
      return down ? right - left : left - right;
    });
    body.append(...rows);
    for (const other of header.parentNode.cells) other.removeAttribute('aria-sort');
    header.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  }
  for (const table of document.querySelectorAll('table.sortable'))
    [...table.querySelector('tr.keys').cells].forEach((header, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = header.textContent || 'name';
      header.replaceChildren(button);
      button.addEventListener('click', () => sorted(table, column, header));
    });
  for (const label of document.querySelectorAll('.filter')) {
    const input = label.querySelector('input'), rows = label.closest('section').querySelector('tbody').rows;
    label.hidden = false;
    input.addEventListener('input', () => {
      const words = input.value.toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(words);
    });
  }
})();
