namespace MicroSpark.Memory;

/// <summary>
/// Data that does not fit in memory could not be put on disk, or not be read back. Trying the task again there does
/// not help. When no worker is left whose disk may have room, its job fails.
/// </summary>
internal sealed class SpillException(string message, Exception? innerException) : IOException(message, innerException);
