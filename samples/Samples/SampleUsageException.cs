namespace MicroSpark.Samples;

/// <summary>A sample's arguments are wrong; the message says what it takes.</summary>
public sealed class SampleUsageException(string message) : Exception(message);
