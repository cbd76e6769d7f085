/** What the files of an export are: CSV, CSV compressed by gzip, or Parquet. */
export type FileFormatName = 'csv' | 'csv.gz' | 'parquet';
