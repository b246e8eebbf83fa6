import bundle = require('./load.cjs');

/** The classifier's thread, from its bundle. */
bundle.load('classifier');
