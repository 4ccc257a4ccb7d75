import {
  loadDriver,
  type SqliteDatabase,
  type SqliteDriver,
} from '../../../src/stores/sqlite/driver.ts';

/** The real driver, which tells of every statement that runs. */
export function recordingDriver(record: (sql: string) => void): SqliteDriver {
  const driver = loadDriver();
  const recorded = (database: SqliteDatabase): SqliteDatabase => ({
    exec(sql) {
      record(sql);
      database.exec(sql);
    },
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        run: (...values) => {
          record(sql);
          return statement.run(...values);
        },
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      };
    },
    close: () => database.close(),
  });
  return { ...driver, open: (file) => recorded(driver.open(file)) };
}
