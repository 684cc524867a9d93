using MicroSpark.Code;
using MicroSpark.Options;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Security;

/// <summary>The file of approved assemblies. Who can change it chooses what runs, so it is asked what a trusted certificate's is.</summary>
internal static partial class ApprovedFile
{
    /// <summary>What the setting says; null when there is none. An empty file approves nothing.</summary>
    /// <exception cref="InvalidSettingException">The file cannot be read, is no such list, or others can change it.</exception>
    public static ApprovedCode? Read(MicroSparkOptions options, ILoggerFactory loggers)
    {
        if (options.ApprovedAssemblies is not { } path)
        {
            return null;
        }

        try
        {
            if (PrivateFile.Check(path, ApprovedCode.Setting, secret: false) is { } warning)
            {
                LogShown(loggers.CreateLogger(typeof(ApprovedFile)), warning);
            }

            return ApprovedCode.Parse(File.ReadLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException
            and not InvalidSettingException)
        {
            throw new InvalidSettingException(
                ApprovedCode.Setting, path,
                $"a file with a SHA-256 on each line, as 'microspark hash FILE...' prints them ({e.Message})", e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogShown(ILogger logger, string warning);
}
