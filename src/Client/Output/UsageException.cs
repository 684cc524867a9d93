namespace MicroSpark.Client.Output;

/// <summary>The command line asks for something that cannot be: the message goes to standard error, the exit code is 2.</summary>
internal sealed class UsageException(string message, Exception? innerException = null) : Exception(message, innerException);
