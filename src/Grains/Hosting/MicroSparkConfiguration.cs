using MicroSpark.Grains.Membership;
using MicroSpark.Options;
using Microsoft.Extensions.Configuration;

namespace MicroSpark.Grains.Hosting;

/// <summary>
/// Reads <see cref="MicroSparkOptions"/>: appsettings.json, then environment variables (<c>MICROSPARK__SILO__PORT</c>), then command-line
/// flags (<c>--MicroSpark:Silo:Port=7000</c>), then code. The later one wins.
/// </summary>
internal static class MicroSparkConfiguration
{
    public const string Section = "MicroSpark";

    /// <param name="basePath">The folder of appsettings.json; the working directory, else the program's own folder, when null.</param>
    /// <exception cref="InvalidSettingException">A value is not of its type, not known, or out of its bound.</exception>
    public static MicroSparkOptions Load(
        string? basePath = null, Action<MicroSparkOptions>? configure = null, IReadOnlyList<string>? arguments = null) =>
        Read(Configuration(basePath, arguments), configure);

    /// <summary>The same with code that is awaited.</summary>
    /// <inheritdoc cref="Load" path="/exception" />
    public static async Task<MicroSparkOptions> LoadAsync(Func<MicroSparkOptions, Task> configure)
    {
        var options = Bind(Configuration(null, null));
        await configure(options).ConfigureAwait(false);
        return Checked(options);
    }

    /// <summary>Reads the section <c>MicroSpark</c> of a host's own configuration.</summary>
    public static MicroSparkOptions Read(IConfiguration configuration, Action<MicroSparkOptions>? configure)
    {
        var options = Bind(configuration);
        configure?.Invoke(options);
        return Checked(options);
    }

    private static IConfiguration Configuration(string? basePath, IReadOnlyList<string>? arguments)
    {
        var folder = basePath ?? (File.Exists("appsettings.json") ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory);
        var file = Path.Combine(Path.GetFullPath(folder), "appsettings.json");
        try
        {
            // Read once, not watched: settings are fixed for the life of a process.
            return new ConfigurationBuilder()
                .AddJsonFile(file, optional: true, reloadOnChange: false)
                .AddEnvironmentVariables()
                .AddCommandLine([.. arguments ?? []])
                .Build();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            throw new InvalidSettingException(
                "*", file, $"a JSON file with a section \"{Section}\" ({(e.InnerException ?? e).Message})", e);
        }
    }

    private static MicroSparkOptions Bind(IConfiguration configuration)
    {
        var options = new MicroSparkOptions();
        try
        {
            configuration.GetSection(Section).Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            throw SettingErrors.Explain(configuration.GetSection(Section), e);
        }

        return options;
    }

    private static MicroSparkOptions Checked(MicroSparkOptions options)
    {
        if (!options.Membership.IsInMemory)
        {
            // Before its connection string is missed.
            MembershipProvider.RequireKnown(options.Membership);
        }

        OptionsValidator.Validate(options);
        return options;
    }
}
