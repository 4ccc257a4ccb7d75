/** The workbook of the archive. */
import { utils, write } from '@e965/xlsx';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DISCHARGE = {
  'Oster Lock': [71.2, 58.4, 38.2, 33.0, 27.5, 21.9, 18.3, 16.0, 19.4, 28.8, 36.1, 44.7],
  'Mill Bridge': [69.0, 57.1, 36.9, 32.4, 26.8, 21.2, 17.9, 15.4, 18.8, 27.9, 35.0, 43.2],
  'Heron Weir': [24.6, 20.2, 13.0, 11.1, 9.4, 7.6, 6.1, 5.2, 6.6, 9.8, 12.4, 15.1],
};

function dischargeSheet() {
  const stations = Object.keys(DISCHARGE);
  const rows = MONTHS.map((month, index) => [
    month,
    ...stations.map((station) => DISCHARGE[station][index]),
  ]);
  const sheet = utils.aoa_to_sheet([['Month', ...stations], ...rows]);
  for (const [address, cell] of Object.entries(sheet)) {
    if (!address.startsWith('!') && cell.t === 'n') cell.z = '0.0';
  }
  return sheet;
}

function calibrationSheet() {
  const sheet = utils.aoa_to_sheet(
    [
      ['Instrument', 'Calibrated', 'Deviation', 'Remark'],
      ['Acoustic profiler', new Date(Date.UTC(2024, 1, 6)), 0.004, 'new'],
      ['Current meter A', new Date(Date.UTC(2024, 1, 7)), 0.012, 'bearing replaced'],
      ['Current meter B', new Date(Date.UTC(2024, 1, 7)), 0.031, 'retired with thanks'],
    ],
    { cellDates: true, UTC: true },
  );
  for (const row of [2, 3, 4]) {
    sheet[`B${row}`].z = 'yyyy-mm-dd';
    sheet[`C${row}`].z = '0.0%';
  }
  return sheet;
}

export function dischargeXlsx() {
  const workbook = utils.book_new();
  utils.book_append_sheet(workbook, dischargeSheet(), 'Monthly discharge');
  utils.book_append_sheet(workbook, calibrationSheet(), 'Calibration');
  utils.book_append_sheet(workbook, utils.aoa_to_sheet([[]]), 'Notes');
  return write(workbook, { type: 'buffer', bookType: 'xlsx', compression: true });
}
