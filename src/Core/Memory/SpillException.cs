namespace MicroSpark.Memory;

/// <summary>
/// Data that does not fit in memory could not be put on disk, or not be read back. Trying the task again does not help: its job fails.
/// </summary>
internal sealed class SpillException(string message, Exception? innerException) : IOException(message, innerException);
