/** The data folder cannot be used as it is. The text names the folder and what to do. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

/** The database in the data folder is not ours, is damaged, or was written by a newer version. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

/** Somebody else wrote the state: a bug or a second process. The process ends and recovers from what is stored. */
export class VersionConflict extends Error {
  override readonly name = "VersionConflict";
}
