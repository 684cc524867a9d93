namespace MicroSpark.Options;

/// <summary>
/// A setting is out of its bounds. Thrown before anything listens or connects, so that a bad value never half-starts a process.
/// </summary>
internal sealed class InvalidSettingException(string setting, string? value, string bound, Exception? innerException = null)
    : ArgumentException($"{Prefix}{setting} is {Show(value)}. Expected {bound}.", innerException)
{
    private const string Prefix = "MicroSpark:";

    /// <summary>The setting's path in the configuration, such as <c>MicroSpark:Silo:Port</c>.</summary>
    public string Setting { get; } = Prefix + setting;

    private static string Show(string? value) => string.IsNullOrEmpty(value) ? "not set" : $"\"{value}\"";
}
