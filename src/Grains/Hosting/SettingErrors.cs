using System.Reflection;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using Microsoft.Extensions.Configuration;

namespace MicroSpark.Grains.Hosting;

/// <summary>Turns the binder's errors into ones that name the setting, its value and what was expected.</summary>
internal static class SettingErrors
{
    public static InvalidSettingException Explain(IConfigurationSection section, InvalidOperationException error) =>
        Find(section, typeof(MicroSparkOptions), "", error)
        ?? new InvalidSettingException("*", "", $"settings that fit MicroSparkOptions ({error.Message})", error);

    private static InvalidSettingException? Find(IConfigurationSection section, Type type, string path, Exception error)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(properties, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                // It may be a secret whose name is misspelt.
                return new InvalidSettingException(
                    path + child.Key, child.Value is null ? "(a section)" : SecretText.Hidden,
                    $"one of {string.Join(", ", properties.Select(p => path + p.Name))}", error);
            }

            var expected = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (expected == typeof(List<SecretOptions>))
            {
                var items = child.GetChildren().Select(
                    item => Find(item, typeof(SecretOptions), $"{path}{property.Name}:{item.Key}:", error));
                if (items.FirstOrDefault(static found => found is not null) is { } wrong)
                {
                    return wrong;
                }

                continue;
            }

            var problem = expected.IsClass && expected != typeof(string)
                ? Find(child, expected, $"{path}{property.Name}:", error)
                : Check(child.Value, expected) is { } bound
                    ? new InvalidSettingException(path + property.Name, child.Value, bound, error)
                    : null;
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Check(string? value, Type type)
    {
        if (type == typeof(int))
        {
            return string.IsNullOrEmpty(value) || int.TryParse(value, out _) ? null : "a whole number";
        }

        if (type == typeof(bool))
        {
            return bool.TryParse(value, out _) ? null : "true or false";
        }

        return type.IsEnum && !Enum.TryParse(type, value, ignoreCase: true, out _)
            ? $"one of {string.Join(", ", Enum.GetNames(type))}"
            : null;
    }
}
