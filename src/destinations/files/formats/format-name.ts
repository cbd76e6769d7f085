/** The format of the files of an export: CSV, CSV compressed by gzip, or Parquet. */
export type FileFormatName = 'csv' | 'csv.gz' | 'parquet';
