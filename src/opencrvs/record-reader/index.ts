export {
  createRecordReader,
  RECORD_PARTS,
  type RecordPart,
  type RecordReader,
  type RecordReaderDeps,
  type RecordReaderOptions,
} from './record-reader.js';
