import "ui/app";
